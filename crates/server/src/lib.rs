//! The Portcullis server: configuration, commands, composition root
