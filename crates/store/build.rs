//! `sqlx::migrate!` reads a folder; without this line a new migration would not be noticed.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
