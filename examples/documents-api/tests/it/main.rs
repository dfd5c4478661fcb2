//! The same promises, embedded and against a server, over real HTTP.
#![cfg(test)]

mod bed;
mod documents;
mod installation;
mod people;
