//! Portcullis: who is this, may they do it, and can they pay for it. The use cases, to embed in an application
