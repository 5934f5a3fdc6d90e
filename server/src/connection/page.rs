//! The page that an invitation's link opens in a browser: what this server is, how to install the client, what to type.
//!
//! Made once, at the start, and the same for everybody: the invitation stands after the `#` of the address, which a browser
//! does not send. So there is nothing on the page to steal and nothing to use up. It runs nothing and loads nothing, and the
//! headers keep it so whatever stands in a name.

use crate::config::Address;
use html_escape::encode_text;
use rialto_shared::{
    id::{Hash, PublicKey},
    protocol::{JOIN_PATH, Transport},
    text::Text,
};

/// The head but for the length. `frame-ancestors` and the two after it are not covered by `default-src`.
const HEAD: &str = "HTTP/1.1 200 OK\r\n\
    Connection: close\r\n\
    Content-Type: text/html; charset=utf-8\r\n\
    Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n\
    Cache-Control: no-store\r\n\
    Referrer-Policy: no-referrer\r\n\
    X-Content-Type-Options: nosniff\r\n\
    X-Robots-Tag: noindex, nofollow\r\n";

/// What the page says.
#[derive(Debug)]
pub struct Sign {
    /// What the server calls itself.
    pub name: Text,
    /// Whose it is; nobody's before there is a vendor.
    pub vendor: Option<Text>,
    /// Where it is.
    pub address: Address,
    /// Its id.
    pub server: Hash,
    /// Its identity key.
    pub key: PublicKey,
    /// How to install the client.
    pub install: Vec<String>,
}

/// The page as it is sent.
#[derive(Debug)]
pub struct Page {
    whole: Vec<u8>,
    head: usize,
}

impl Page {
    /// Writes it.
    #[must_use]
    pub fn new(sign: &Sign) -> Self {
        let body = body(sign);
        let head = format!("{HEAD}Content-Length: {}\r\n\r\n", body.len());
        Self {
            head: head.len(),
            whole: (head + &body).into_bytes(),
        }
    }

    /// The answer to whoever asks for it, or for its head alone.
    pub(super) fn response(&self, bodiless: bool) -> &[u8] {
        let head = self.whole.get(..self.head);
        head.filter(|_| bodiless).unwrap_or(&self.whole)
    }
}

fn body(sign: &Sign) -> String {
    let name = encode_text(sign.name.as_str());
    let runs = sign.vendor.as_ref().map_or_else(String::new, |vendor| {
        format!(
            "<p>{} runs this server.</p>\n",
            encode_text(vendor.as_str())
        )
    });
    let install = sign.install.join("\n");
    let install = encode_text(&install);
    let scheme = match sign.address.transport {
        Transport::Tls | Transport::Proxy => "https",
        Transport::Plain => "http",
    };
    let address = format!(
        "{scheme}://{}:{}{JOIN_PATH}",
        sign.address.host, sign.address.port
    );
    let address = encode_text(&address);
    let (server, key) = (sign.server, sign.key);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Invitation to {name}</title>\n</head>\n<body>\n\
         <h1>You are invited to {name}</h1>\n{runs}\
         <p>This is a Rialto server: a console for partner ecosystems, in the terminal. Nobody joins in a browser, and opening \
         this page has used nothing up: your invitation stands after the <code>#</code> of its address, which your browser \
         keeps to itself.</p>\n\
         <h2>1. Install rialto</h2>\n<pre>{install}</pre>\n\
         <h2>2. Join</h2>\n<pre>rialto join &#39;LINK&#39;</pre>\n\
         <p>In place of LINK, paste the whole address of this page as it stands in the address bar, from \
         <code>{scheme}://</code> to its end, with everything after the <code>#</code>. Keep the quotes. It reads \
         <code>{address}#CODE.SERVER</code>. Without the part after the <code>#</code>, ask whoever invited you for the link \
         again, and hand it to nobody: it is good for one person, once.</p>\n\
         <p>Where a proxy stands between you and the network, <code>rialto</code> takes it from <code>HTTPS_PROXY</code> or \
         <code>--proxy URL</code>.</p>\n\
         <h2>This server</h2>\n<p>Your link names the first of these after its dot, and <code>rialto</code> sends nothing to a \
         server that cannot prove it.</p>\n\
         <pre>server id     {server}\nidentity key  {key}</pre>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::scripted::sign;
    use rialto_shared::text::TextKind;

    fn text(page: &Page, bodiless: bool) -> String {
        String::from_utf8(page.response(bodiless).to_vec()).unwrap()
    }

    #[test]
    fn the_page_says_who_runs_it_what_to_type_and_its_length() {
        let mut sign = sign();
        sign.vendor = TextKind::Name.parse("Northwind").ok();
        let page = Page::new(&sign);
        let whole = text(&page, false);
        let (head, body) = whole.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(
            head.ends_with(&format!("Content-Length: {}", body.len())),
            "{head}"
        );
        assert_eq!(text(&page, true), format!("{head}\r\n\r\n"));
        for said in [
            "Northwind runs this server.",
            "rialto join &#39;LINK&#39;",
            "cargo install rialto",
            &sign.server.to_string(),
            &sign.key.to_string(),
            "https://127.0.0.1:7878/join#CODE.SERVER",
        ] {
            assert!(body.contains(said), "{said}: {body}");
        }
    }

    #[test]
    fn names_are_text_and_nothing_runs_or_loads() {
        let whole = text(&Page::new(&sign()), false);
        assert!(whole.contains("Tom &amp; &lt;b&gt;Co&lt;/b&gt;"), "{whole}");
        let lower = whole.to_lowercase();
        for never in [
            "<script", "<b>", "src=", "href=", "style", "<form", "<link", "onclick",
        ] {
            assert!(!lower.contains(never), "{never}");
        }
        for header in [
            "content-security-policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            "cache-control: no-store",
            "referrer-policy: no-referrer",
            "x-content-type-options: nosniff",
            "connection: close",
        ] {
            assert!(lower.contains(&format!("\r\n{header}\r\n")), "{header}");
        }
    }
}
