//! The Portcullis decision engine: permissions, resource paths, grant sets, explain
