//! A backup, as the operator is told of it.

use rialto_shared::{id::Hash, time::Timestamp};
use serde::{Deserialize, Serialize};

/// What was done with a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    /// It was made.
    Made,
    /// It was read through.
    Read,
    /// A folder was made of it.
    Restored,
}

/// A backup that was made, read through or restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What was done.
    pub done: Keeping,
    /// The backup; of a restore, the folder.
    pub file: String,
    /// The server's id.
    pub server: Hash,
    /// When the backup was made.
    pub made: Timestamp,
    /// The backup's size.
    pub bytes: u64,
    /// Entries in it.
    pub entries: u64,
    /// Files of the data folder in it.
    pub files: Vec<String>,
    /// What of the data folder is not in it.
    pub left_out: Vec<String>,
    /// blake3 of the backup.
    pub digest: Hash,
    /// The digest over all tables.
    pub state: Hash,
}

impl Kept {
    /// For programs and pipes: a name and a value a line.
    pub(super) fn rows(&self) -> [[String; 2]; 8] {
        let file = match self.done {
            Keeping::Made | Keeping::Read => "backup",
            Keeping::Restored => "folder",
        };
        let row = |name: &str, value: String| [name.to_owned(), value];
        [
            row(file, self.file.clone()),
            row("server", self.server.to_string()),
            row("made", self.made.to_rfc3339()),
            row("entries", self.entries.to_string()),
            row("bytes", self.bytes.to_string()),
            row("files", self.files.join(" ")),
            row("digest", self.digest.to_string()),
            row("state", self.state.to_string()),
        ]
    }

    /// For the person.
    pub(super) fn words(&self) -> String {
        match self.done {
            Keeping::Made => {
                let mut words = "made: it holds everything that anybody wrote and the server's keys, so keep it as secret as the data \
                     folder; configuration and certificates that lie elsewhere are not in it".to_owned();
                if !self.left_out.is_empty() {
                    words.push_str("; left out of the data folder: ");
                    words.push_str(&self.left_out.join(", "));
                }
                words
            }
            Keeping::Read => "all is well: every byte is as it was written, the log's chain and signatures hold, and what follows from it is what there was".to_owned(),
            Keeping::Restored => "restored; start it with: rialtod --data <the folder> serve".to_owned(),
        }
    }
}
