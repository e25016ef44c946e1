//! What a file must be to be read.

use jamie_knowledge::{LARGEST, read};

fn pdf(text: &str) -> Vec<u8> {
    let stream = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for offset in offsets {
        file.push_str(&format!("{offset:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    file.into_bytes()
}

#[test]
fn markdown_html_pdf_and_plain_text_are_read() {
    let markdown = "---\ntitle: Paying out\nsymptoms: [no money]\nlink: https://wiki.example/pay\n---\n# Other\n\nWait.\n";
    let read_it = read("pay.md", markdown.as_bytes()).unwrap();
    assert_eq!(
        (read_it.title.as_str(), read_it.symptoms.len()),
        ("Paying out", 1)
    );
    assert_eq!(read_it.link.as_deref(), Some("https://wiki.example/pay"));

    let html = "<!doctype html><html><head><title>Tills</title><script>alert('x')</script></head><body><h2>Open</h2><p>Turn the <b>key</b>.</p></body></html>";
    let read_it = read("till.html", html.as_bytes()).unwrap();
    assert_eq!(read_it.title, "Tills");
    assert!(
        read_it.text.contains("## Open") && read_it.text.contains("key"),
        "{}",
        read_it.text
    );
    assert!(!read_it.text.contains("alert"), "{}", read_it.text);

    let read_it = read("paper.pdf", &pdf("Restart the till at dawn")).unwrap();
    assert!(
        read_it.text.contains("Restart the till at dawn"),
        "{}",
        read_it.text
    );

    let read_it = read("how_to_open.txt", b"Turn the key.").unwrap();
    assert_eq!(read_it.title, "how to open");
}

#[test]
fn what_cannot_be_read_says_why() {
    for (name, bytes, expected) in [
        ("picture.md", &b"\x89PNG\r\n\x1a\n\0\0"[..], "binary"),
        ("latin.md", b"caf\xe9", "UTF-8"),
        ("empty.md", b"  \n", "no text"),
        ("paper.pdf", b"hello", "is none"),
        ("broken.pdf", b"%PDF-1.4\nnonsense", "cannot be read"),
    ] {
        let error = read(name, bytes).unwrap_err();
        assert!(
            error.message().contains(expected) && error.hint().is_some(),
            "{name}: {error}"
        );
    }
    let large = vec![b'a'; usize::try_from(LARGEST).unwrap() + 1];
    assert!(
        read("large.md", &large)
            .unwrap_err()
            .message()
            .contains("too large")
    );
}

#[test]
fn front_matter_that_does_not_read_is_told_and_left_out() {
    let read_it = read("a.md", b"---\ntitle: [\n---\nText.\n").unwrap();
    assert!(read_it.warning.is_some());
    assert_eq!(read_it.text.trim(), "Text.");
}
