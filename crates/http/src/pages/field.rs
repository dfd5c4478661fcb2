use askama::Template;

/// An input with its label, hint and error, tied together for those who cannot see them.
///
/// Its id is its name: `{name}-hint` and `{name}-error` describe it.
#[derive(Template, Clone, Default)]
#[template(path = "field.html")]
pub(crate) struct Field {
    name: &'static str,
    label: &'static str,
    /// The type of the input.
    kind: &'static str,
    /// What a browser may fill in (HTML §4.10.18.7).
    autocomplete: &'static str,
    class: &'static str,
    value: String,
    hint: String,
    error: String,
    max_length: Option<usize>,
    optional: bool,
    focus: bool,
}

impl Field {
    /// An e-mail address.
    pub(crate) fn email() -> Self {
        Self {
            name: "email",
            label: "E-mail address",
            kind: "email",
            autocomplete: "username",
            max_length: Some(254),
            ..Self::default()
        }
    }

    /// A password that is known. It is never put back into a page.
    pub(crate) fn password(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: "password", autocomplete: "current-password", ..Self::default() }
    }

    /// A password that is chosen, of so many characters at least.
    pub(crate) fn new_password(name: &'static str, label: &'static str, min_length: usize) -> Self {
        let hint = format!(
            "At least {min_length} characters. A few words that have nothing to do with each other are easy to remember \
             and hard to guess."
        );
        Self { autocomplete: "new-password", hint, ..Self::password(name, label) }
    }

    /// A person's name, which need not be given.
    pub(crate) fn person() -> Self {
        Self {
            name: "name",
            label: "Name",
            kind: "text",
            autocomplete: "name",
            max_length: Some(128),
            optional: true,
            ..Self::default()
        }
    }

    /// The code that a device shows.
    pub(crate) fn user_code() -> Self {
        Self {
            name: "user_code",
            label: "Code",
            kind: "text",
            autocomplete: "off",
            class: "code-input",
            hint: "Eight letters, such as BCDF-GHJK. The dash may be left out.".to_owned(),
            max_length: Some(32),
            ..Self::default()
        }
    }

    /// With what is in it.
    #[must_use]
    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Where typing begins.
    #[must_use]
    pub(crate) fn focused(mut self, focus: bool) -> Self {
        self.focus = focus;
        self
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn refuse(&mut self, error: String) {
        self.error = error;
    }
}
