use portcullis_types::Timestamp;

/// A device in words, from what it says about itself: to be shown, never to decide by.
pub(crate) fn device_words(name: Option<&str>, user_agent: Option<&str>) -> String {
    if let Some(name) = name {
        return name.to_owned();
    }
    let Some(agent) = user_agent else { return "Unknown device".to_owned() };
    // In this order: each of them also says to be what stands below it.
    let programs = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];
    let of = |known: &[(&str, &'static str)]| {
        known.iter().find(|(part, _)| agent.contains(part)).map(|(_, words)| *words)
    };
    match (of(&programs), of(&systems)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        (None, Some(system)) => system.to_owned(),
        (None, None) => agent.split(['/', ' ']).next().unwrap_or_default().chars().take(40).collect(),
    }
}

/// An instant for people and for programs.
pub(crate) struct Instant {
    /// `22 Nov 2026, 19:30 UTC`.
    pub(crate) words: String,
    /// RFC 3339: what the script makes local time of.
    pub(crate) exact: String,
}

impl Instant {
    pub(crate) fn of(at: Timestamp) -> Self {
        let exact = at.to_string();
        Self { words: words(&exact).unwrap_or_else(|| exact.clone()), exact }
    }
}

fn words(exact: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (date, time) = exact.split_once('T')?;
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?.parse::<usize>().ok()?, parts.next()?);
    let (month, time) = (MONTHS.get(month.checked_sub(1)?)?, time.get(..5)?);
    Some(format!("{} {month} {year}, {time} UTC", day.trim_start_matches('0')))
}

/// What a scope lets an application do, for whoever is asked.
pub(crate) fn scope_words(scope: &str) -> String {
    match scope {
        "openid" => "Know that it is you".to_owned(),
        "profile" => "See your name".to_owned(),
        "email" => "See your e-mail address".to_owned(),
        "offline_access" => "Keep its access when you are not there, until you withdraw it".to_owned(),
        other => format!("Use the permission “{other}”"),
    }
}

/// Where an application acts in somebody's name; empty if its tokens only tell who somebody is.
pub(crate) fn acts_at(audience: String, public_url: &str) -> String {
    let only_tells = audience.strip_prefix(public_url) == Some("/oauth2/userinfo");
    if only_tells { String::new() } else { audience }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_people_name_them() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
        for (name, agent, said) in [
            (Some("Kitchen tablet"), Some(chrome), "Kitchen tablet"),
            (None, Some(chrome), "Chrome on Linux"),
            (None, Some(iphone), "Safari on iPhone"),
            (None, Some(edge), "Edge on Windows"),
            (None, Some("curl/8.5.0"), "curl"),
            (None, None, "Unknown device"),
        ] {
            assert_eq!(device_words(name, agent), said);
        }
    }

    #[test]
    fn an_audience_that_only_tells_who_somebody_is_is_not_shown() {
        let at = |audience: &str| acts_at(audience.to_owned(), "https://id.example.org");
        assert_eq!(at("https://id.example.org/oauth2/userinfo"), "");
        for shown in ["https://id.example.org", "https://api.example.org/oauth2/userinfo"] {
            assert_eq!(at(shown), shown);
        }
    }

    #[test]
    fn instants_are_in_words_and_exact() {
        let at = Instant::of(Timestamp::from_secs(1_795_375_800));
        assert_eq!(
            (at.words.as_str(), at.exact.as_str()),
            ("22 Nov 2026, 19:30 UTC", "2026-11-22T19:30:00.000Z")
        );
        assert_eq!(Instant::of(Timestamp::from_secs(0)).words, "1 Jan 1970, 00:00 UTC");
    }
}
