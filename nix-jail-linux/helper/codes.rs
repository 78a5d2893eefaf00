//! The numbers in reports: why a jail was refused, why a program did not start, why a jail ended. Shared by the helper
//! and the library.

/// Makes an enum whose numbers travel over the socket, and the way back from the number.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum $name { $($(#[$what])* $variant = $number,)* }

        impl $name {
            /// The variant with this number.
            pub fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

numbered! {
    /// Why the jail ended.
    Reason {
        Exited = 1, Signalled = 2, TimedOut = 3, Cpu = 4, Output = 5, Cancelled = 6,
        /// A further program was killed because the jail ended.
        JailEnded = 7,
    }
}

numbered! {
    /// Why a program could not be executed.
    ExecError {
        /// No candidate exists.
        NotFound = 1,
        /// A candidate exists, but may not be executed (or is a directory).
        Permission = 2,
        /// The file exists, the interpreter or loader that it names does not.
        InterpreterMissing = 3,
        /// Neither a program for this machine nor a script with `#!`.
        NoInterpreter = 4,
        /// Arguments and environment are too long.
        TooBig = 5,
        /// The working directory cannot be entered.
        WorkingDirectory = 6,
        /// execve failed for another reason.
        Other = 7,
        // Steps before execve.
        Clone = 16, Stdio = 17, Rlimit = 18, Mdwe = 19, Capabilities = 20, Landlock = 21, Seccomp = 22, Terminal = 23,
    }
}

numbered! {
    /// What was being done when the jail was refused.
    Step {
        Receive = 1, MapPlan = 2, ReadPlan = 3, DropGroups = 4, OuterOpen = 5, OuterIdentity = 6, OuterClone = 7,
        IdmapNamespace = 8, IdmapMount = 9, Namespaces = 10, SetGroups = 11, UidMap = 12, GidMap = 13, Identity = 14,
        EmbedderGone = 15, Hostname = 16, Loopback = 17, RootTmpfs = 18, RootMount = 19, Directory = 20, File = 21,
        Link = 22, Source = 23, SourceIdentity = 24, SourceClone = 25, SourceFlags = 26, Target = 27, Attach = 28,
        Tmpfs = 29, Scratch = 30, Proc = 31, Devpts = 32, Mask = 33, Seal = 34, Pivot = 35, Detach = 36,
        LandlockRules = 37, LandlockPath = 38, Privileges = 39, Descriptors = 40, Device = 41, TooManyPrograms = 42,
        Panic = 43, CpuMeter = 44,
    }
}
