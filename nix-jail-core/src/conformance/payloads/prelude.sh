# What every case in sh begins with. See report.rs for the lines.
held() { echo "HELD: $1 = ${2-}"; }
escaped() { echo "ESCAPED: $1 = ${2-}"; }
