//! One test binary over the real server and client, and over the repository's own sources: linking is what a test build
//! spends its time on, so every suite is a module here.

mod tidy;
