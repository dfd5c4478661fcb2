use super::asset::{ASSETS, Assets};
use super::browser::Browser;
use super::security::FormTarget;

/// What `base.html` needs of every page.
pub(crate) struct Layout {
    /// What the tab says, in front of where it is.
    pub(crate) title: String,
    /// Where this is: the host of the public URL.
    pub(crate) host: String,
    /// What every form holds as `csrf_token`; empty where there is no form.
    pub(crate) form_token: String,
    pub(crate) stylesheet: &'static str,
    pub(crate) script: &'static str,
    pub(crate) mark: &'static str,
    pub(super) target: FormTarget,
}

impl Layout {
    /// Of a page for this browser.
    pub(crate) fn new(browser: &Browser, title: impl Into<String>) -> Self {
        let form_token = browser.form_token();
        Self { form_token, host: host(browser.portcullis().public_url()), ..Self::bare(title) }
    }

    /// Of a page for whoever comes, without a form.
    pub(super) fn bare(title: impl Into<String>) -> Self {
        let Assets { stylesheet, script, mark, .. } = &*ASSETS;
        Self {
            title: title.into(),
            host: String::new(),
            form_token: String::new(),
            stylesheet,
            script,
            mark,
            target: FormTarget::default(),
        }
    }

    /// Lets the page's forms lead on to a registered redirect URI.
    #[must_use]
    pub(crate) fn leading_to(mut self, redirect_uri: &str) -> Self {
        self.target = FormTarget::of(redirect_uri);
        self
    }
}

fn host(public_url: &str) -> String {
    public_url.split("://").last().unwrap_or_default().to_owned()
}
