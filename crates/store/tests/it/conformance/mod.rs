//! What every database must do, one function a rule.

mod applications;
mod codes;
mod credits;
mod devices;
mod entities;
mod grants;
mod guard;
mod lists;
mod logs;
mod organizations;
mod records;
mod sessions;
mod sign_in;
