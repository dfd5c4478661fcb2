use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use portcullis_types::{BoxFuture, Clock};

use super::{Mail, MailAddress, MailError, Mailer};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// How long the server may take for each answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a mail may take altogether.
const WHOLE: Duration = Duration::from_secs(60);

const EXPECTED: &str = "smtps://[USER:PASSWORD@]HOST[:PORT], or smtp://[USER:PASSWORD@]HOST[:PORT] with STARTTLS, \
                        ?tls=opportunistic or ?tls=none; without TLS there may be a password only on this machine";

const ROOTS: &str = "certificates in PEM that can sign others (mail_ca_file)";
const ROOTS_WITHOUT_TLS: &str =
    "smtps:// or STARTTLS beside mail_ca_file: without TLS no certificate is looked at";
/// How a certificate begins (RFC 7468 §2).
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Hands mails to an SMTP server (RFC 5321, RFC 6409).
///
/// Connections are kept for the next mail. Certificates are checked against the roots of Mozilla. The server may take 10 seconds
/// for each answer and a minute for a mail.
pub struct SmtpMailer {
    transport: Transport,
    from: Mailbox,
    clock: Arc<dyn Clock>,
    next: AtomicU64,
}

impl SmtpMailer {
    /// A mailer for the server of this URL; it is not asked before the first mail. Must be called inside a tokio runtime.
    ///
    /// | URL | connection |
    /// |---|---|
    /// | `smtps://HOST[:465]` | TLS from the first byte |
    /// | `smtp://HOST[:587]` | STARTTLS, or no mail |
    /// | `smtp://HOST[:587]?tls=opportunistic` | STARTTLS if it is offered |
    /// | `smtp://HOST[:25]?tls=none` | readable by everybody on the way |
    ///
    /// `USER:PASSWORD@` before the host, percent-encoded, signs in; only over TLS that is certain, or to this machine.
    ///
    /// # Errors
    /// [`MailError::Configuration`] for any other URL.
    pub fn new(url: &str, from: &MailAddress, clock: Arc<dyn Clock>) -> Result<Self, MailError> {
        Self::trusting(url, from, clock, None)
    }

    /// The same for a server whose certificate may also come from a certificate authority of one's own: `roots` holds its
    /// certificates in PEM (RFC 7468), one or several, which are trusted beside the roots of Mozilla.
    ///
    /// # Errors
    /// [`MailError::Configuration`] for any other URL, for roots that are none, and for roots without TLS.
    pub fn trusting(
        url: &str,
        from: &MailAddress,
        clock: Arc<dyn Clock>,
        roots: Option<&[u8]>,
    ) -> Result<Self, MailError> {
        let refused = || MailError::Configuration(EXPECTED);
        let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
        let (scheme, authority) = base.split_once("://").ok_or_else(refused)?;
        let (certain, given) = match (scheme, query) {
            ("smtps", None) => (true, base.to_owned()),
            ("smtp", None | Some("tls=required")) => (true, format!("{base}?tls=required")),
            ("smtp", Some("tls=opportunistic")) => (false, url.to_owned()),
            ("smtp", Some("tls=none")) => (false, base.to_owned()),
            _ => return Err(refused()),
        };
        let (credentials, host) =
            authority.rsplit_once('@').map_or((None, authority), |(before, host)| (Some(before), host));
        let readable = credentials.is_some() && !certain && !is_this_machine(host);
        if readable || host.contains('/') || credentials.is_some_and(|both| !both.contains(':')) {
            return Err(refused());
        }
        // The library's error may quote the URL, which holds a password.
        let mut builder = Transport::from_url(&given).map_err(|_quotes| refused())?;
        if let Some(roots) = roots {
            let parameters = trust(host_name(host), roots)?;
            builder = builder.tls(match (scheme, query) {
                ("smtps", _) => Tls::Wrapper(parameters),
                (_, Some("tls=opportunistic")) => Tls::Opportunistic(parameters),
                (_, Some("tls=none")) => return Err(MailError::Configuration(ROOTS_WITHOUT_TLS)),
                _ => Tls::Required(parameters),
            });
        }
        let from = Mailbox::new(None, address(from)?);
        Ok(Self { transport: builder.timeout(Some(ANSWER)).build(), from, clock, next: AtomicU64::new(0) })
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let now = self.clock.now();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = format!("<{}.{}.{number}@{}>", now.micros(), std::process::id(), self.from.email.domain());
        let since = Duration::from_micros(u64::try_from(now.micros()).unwrap_or_default());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address(mail.to())?))
            .subject(mail.subject())
            .date(UNIX_EPOCH + since)
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text().to_owned())
            .map_err(|error| MailError::Refused(error.into()))
    }
}

impl std::fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpMailer").finish_non_exhaustive()
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let message = self.message(mail)?;
            match tokio::time::timeout(WHOLE, self.transport.send(message)).await {
                Ok(Ok(_accepted)) => Ok(()),
                Ok(Err(error)) if error.is_permanent() => Err(MailError::Refused(error.into())),
                Ok(Err(error)) => Err(MailError::Unavailable(error.into())),
                Err(elapsed) => Err(MailError::Unavailable(elapsed.into())),
            }
        })
    }
}

fn address(address: &MailAddress) -> Result<Address, MailError> {
    address.as_str().parse().map_err(|error: lettre::address::AddressError| MailError::Refused(error.into()))
}

/// What a connection to this host takes for its certificate.
fn trust(host: &str, roots: &[u8]) -> Result<TlsParameters, MailError> {
    let refused = |_what| MailError::Configuration(ROOTS);
    // The library reads a file without any certificate as nothing to add.
    if !roots.windows(BEGIN.len()).any(|window| window == BEGIN) {
        return Err(MailError::Configuration(ROOTS));
    }
    let roots = Certificate::from_pem(roots).map_err(refused)?;
    TlsParameters::builder(host.to_owned()).add_root_certificate(roots).build().map_err(refused)
}

/// A host without its port and the brackets of IPv6.
fn host_name(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _port)) => address,
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host_name(host);
    name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use portcullis_types::Timestamp;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(1_800_000_000)
        }
    }

    fn mailer(url: &str) -> Result<SmtpMailer, MailError> {
        SmtpMailer::new(url, &"id@example.org".parse().unwrap(), Arc::new(Still))
    }

    fn mail() -> Mail {
        let text = "Grüße\n.\nhttps://id.example.org/reset-password?token=abc\n";
        Mail::new("alice@example.org".parse().unwrap(), "Wähle\r\nBcc: mallory@example.org", text)
    }

    /// An SMTP server for one conversation, which answers each command that begins with `at` with `answer`; the task ends
    /// with everything that the client said.
    async fn server(
        extension: &'static str,
        at: &'static str,
        answer: &'static str,
    ) -> (SocketAddr, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let mut heard = String::new();
            let mut in_data = false;
            write.write_all(b"220 test ESMTP\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                heard.push_str(&line);
                heard.push('\n');
                let reply = match line.split(' ').next().unwrap() {
                    "." if in_data => {
                        in_data = false;
                        "250 taken\r\n".to_owned()
                    }
                    _ if in_data => continue,
                    command if command == at => format!("{answer}\r\n"),
                    "EHLO" => format!("250-test\r\n250-8BITMIME\r\n250 {extension}\r\n"),
                    "AUTH" => "235 welcome\r\n".to_owned(),
                    "DATA" => {
                        in_data = true;
                        "354 go on\r\n".to_owned()
                    }
                    "QUIT" => "221 bye\r\n".to_owned(),
                    _ => "250 ok\r\n".to_owned(),
                };
                if write.write_all(reply.as_bytes()).await.is_err() || reply.starts_with("221") {
                    break;
                }
            }
            heard
        });
        (address, heard)
    }

    #[tokio::test]
    async fn a_mail_is_handed_over_once_to_one_address_with_our_date() {
        let (address, heard) = server("AUTH PLAIN", "", "").await;
        let mailer = mailer(&format!("smtp://us%40er:hunter2@{address}?tls=none")).unwrap();
        mailer.send(&mail()).await.unwrap();
        assert!(!format!("{mailer:?}").contains("hunter2"));
        drop(mailer);
        let heard = heard.await.unwrap();
        assert!(heard.contains("AUTH PLAIN AHVzQGVyAGh1bnRlcjI=\n"), "{heard}");
        assert!(heard.contains("MAIL FROM:<id@example.org>"), "{heard}");
        assert_eq!(heard.matches("RCPT TO:").count(), 1, "{heard}");
        assert!(heard.contains("RCPT TO:<alice@example.org>"), "{heard}");
        assert!(heard.contains("\nDate: Fri, 15 Jan 2027 08:00:00 +0000\n"), "{heard}");
        let (headers, _body) = heard.split_once("\n\n").unwrap();
        assert!(!headers.contains("\nBcc:"), "no header is smuggled in: {headers}");
    }

    #[tokio::test]
    async fn what_the_server_refuses_for_good_and_for_now_is_told_apart() {
        for (answer, for_good) in [("550 no such user", true), ("451 later", false)] {
            let (address, _heard) = server("SIZE", "RCPT", answer).await;
            let failed =
                mailer(&format!("smtp://{address}?tls=none")).unwrap().send(&mail()).await.unwrap_err();
            assert_eq!(matches!(failed, MailError::Refused(_)), for_good, "{failed:?}");
            assert_eq!(matches!(failed, MailError::Unavailable(_)), !for_good, "{failed:?}");
        }
    }

    #[tokio::test]
    async fn without_starttls_nothing_is_said_unless_configured() {
        let (address, heard) = server("SIZE", "", "").await;
        let failed = mailer(&format!("smtp://u:hunter2@{address}")).unwrap().send(&mail()).await;
        assert!(failed.is_err());
        let heard = heard.await.unwrap();
        assert!(!heard.contains("MAIL") && !heard.contains("AUTH"), "{heard}");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_no_success() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let failed = mailer(&format!("smtp://{address}?tls=none")).unwrap().send(&mail()).await;
        assert!(matches!(failed, Err(MailError::Unavailable(_))));
    }

    /// A certificate authority that is good until 2126; nobody has its key any more.
    const OWN_CA: &str = "-----BEGIN CERTIFICATE-----
MIIBSjCB/aADAgECAhRyC80NTIPb0Z0W5Lure8loUaIVvDAFBgMrZXAwGjEYMBYG
A1UEAwwPUHJpdmF0ZSB0ZXN0IENBMCAXDTI2MTEyMjIwMDkwOVoYDzIxMjYxMDI5
MjAwOTA5WjAaMRgwFgYDVQQDDA9Qcml2YXRlIHRlc3QgQ0EwKjAFBgMrZXADIQDQ
TRCUczY+gb53lzNPXvM+x7AWXYDPTDMGHUHx4mbgxqNTMFEwHQYDVR0OBBYEFFMw
YbhBvo4/RoFE+s1x7j3M3eVxMB8GA1UdIwQYMBaAFFMwYbhBvo4/RoFE+s1x7j3M
3eVxMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAurSzc+1LBbvy2Jfkv113K/bN
/TGt0p1VmvtDPrHj81+7fpXxuegZDZM8ymzIWQa7K5Gd/HU1CuKSYfW+RbxjCQ==
-----END CERTIFICATE-----
";

    #[tokio::test]
    async fn a_certificate_authority_of_one_s_own_is_trusted_beside_the_public_ones() {
        let trusting = |url: &str, roots: &str| {
            let from = "id@example.org".parse().unwrap();
            SmtpMailer::trusting(url, &from, Arc::new(Still), Some(roots.as_bytes()))
        };
        let two = format!("# ours\n{OWN_CA}\n{OWN_CA}");
        for url in
            ["smtps://mail.internal", "smtp://u:p@mail.internal:2525", "smtp://[::1]?tls=opportunistic"]
        {
            trusting(url, OWN_CA).unwrap();
            trusting(url, &two).unwrap();
            for none in ["", "no PEM", &OWN_CA.replace("MIIB", "!!!!"), &OWN_CA.replace("MIIB", "AAAA")] {
                let refused = trusting(url, none).unwrap_err().to_string();
                assert!(refused.contains("mail_ca_file"), "{none}: {refused}");
            }
        }
        let refused = trusting("smtp://mail.internal?tls=none", OWN_CA).unwrap_err().to_string();
        assert!(refused.contains("smtps://"), "{refused}");
    }

    #[tokio::test]
    async fn a_password_is_never_sent_readably_over_a_network() {
        for good in [
            "smtps://u:p@mail.example.org",
            "smtp://u:p@mail.example.org:2525",
            "smtp://mail.example.org?tls=none",
            "smtp://u:p@localhost?tls=none",
            "smtp://u:p@[::1]:25?tls=none",
        ] {
            mailer(good).unwrap();
        }
        for wrong in [
            "smtp://u:p@mail.example.org?tls=none",
            "smtp://u:p@mail.example.org?tls=opportunistic",
            "smtp://u:p@localhost.example.org?tls=none",
            "smtp://u@mail.example.org",
            "smtp://mail.example.org?tls=maybe",
            "smtps://mail.example.org?tls=none",
            "http://mail.example.org",
            "mail.example.org",
            "smtp://",
            "",
        ] {
            let refused = mailer(wrong).unwrap_err().to_string();
            assert!(refused.contains("smtps://") && !refused.contains("u:p@mail"), "{wrong}: {refused}");
        }
    }
}
