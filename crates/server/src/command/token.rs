use clap::Subcommand;
use portcullis::token;

use super::backend::Local;
use super::target::{Target, load};
use crate::config::Flags;
use crate::{Error, Result, output};

/// Users' tokens
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a token for a user, who need not have a profile
    Create {
        /// The user's id
        user: String,
        /// How long it holds: seconds, or a number with s, m, h or d
        #[arg(long, default_value = "1h", value_parser = seconds)]
        ttl: i64,
        /// The origin of the server that will read it [default: the configured public_url or listen address]
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
    },
}

/// `90`, `90s`, `15m`, `1h`, `30d` in seconds.
fn seconds(text: &str) -> Result<i64, String> {
    let unit = |letter| match letter {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        _ => None,
    };
    let (number, factor) =
        match text.char_indices().next_back().and_then(|(at, letter)| Some((at, unit(letter)?))) {
            Some((at, factor)) => text.split_at_checked(at).map_or((text, 1), |(number, _)| (number, factor)),
            None => (text, 1),
        };
    let total =
        number.parse::<i64>().ok().filter(|number| *number > 0).and_then(|number| number.checked_mul(factor));
    total.ok_or_else(|| {
        "expected a whole number above 0, with s, m, h or d behind it: 90s, 15m, 1h, 30d".to_owned()
    })
}

pub(super) async fn run(args: Args) -> Result {
    let Verb::Create { user, ttl, public_url } = &args.verb;
    if args.target.server()?.is_some() {
        return Err(Error::Usage(
            "a token without statements is created where the database is: run this there, without --server"
                .to_owned(),
        ));
    }
    let config = load(&Flags { public_url: public_url.clone(), ..args.target.storage.flags() })?;
    let local = Local::open(&config).await?;
    let minted = token::mint(&local.portcullis, &local.cx, user, *ttl).await;
    local.close().await;
    let minted = minted?;
    if config.public_url.is_none() {
        // A server elsewhere would refuse the token, and nobody would know why.
        let issuer = config.public_url_at(config.listen);
        output::note(&format!("the token is for a server at {issuer}; --public-url names another"));
    }
    if args.target.json { output::json(&minted) } else { output::line(&minted.token) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn life_times_have_units() {
        for (text, expected) in [("90", 90), ("1s", 1), ("15m", 900), ("1h", 3_600), ("30d", 2_592_000)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for wrong in ["", "h", "0", "-1h", "1y", "1.5h", "9223372036854775807d", "1é"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
