/// What a page says was just done. Only these words can be asked for: the parameter of the address is a name, never a text.
pub(crate) fn notice(name: &str) -> &'static str {
    match name {
        "password-reset" => "Your password was changed. Sign in with the new one.",
        "password-changed" => "Your password was changed, and your other devices were signed out.",
        "email-verified" => "Your e-mail address is confirmed.",
        "renamed" => "Your name was changed.",
        "session-ended" => "The device was signed out.",
        "withdrawn" => "The application has no access to your account any more.",
        _ => "",
    }
}
