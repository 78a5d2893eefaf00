use std::sync::Arc;

use crate::{Capabilities, FilesystemProvider, IsolationProvider, NetworkProvider, Provider};

/// One provider of each kind. Replace a field to replace a behaviour.
#[derive(Clone, Debug)]
pub struct Platform {
    /// What a job sees.
    pub filesystem: Arc<dyn FilesystemProvider>,
    /// What a job reaches.
    pub network: Arc<dyn NetworkProvider>,
    /// What a job is.
    pub isolation: Arc<dyn IsolationProvider>,
}

impl Platform {
    /// What the three promise together: the weakest of those that state a feature decides.
    pub fn capabilities(&self) -> Capabilities {
        self.providers().into_iter().map(|p| p.capabilities()).fold(Capabilities::none(), Capabilities::merge)
    }

    /// In the order in which they come into play.
    pub fn providers(&self) -> [Arc<dyn Provider>; 3] {
        [self.filesystem.clone(), self.network.clone(), self.isolation.clone()]
    }
}
