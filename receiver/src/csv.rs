//! Comma-separated values (RFC 4180) that a spreadsheet takes for nothing but text. Pure.

/// What a spreadsheet would take for the beginning of a formula, or what it strips before it looks.
const FORMULA_BEGINS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Appends a line of these fields.
pub(crate) fn push_line<'a>(line: &mut String, fields: impl IntoIterator<Item = &'a str>) {
    for (number, field) in fields.into_iter().enumerate() {
        if number > 0 {
            line.push(',');
        }
        push_field(line, field);
    }
    line.push_str("\r\n");
}

fn push_field(line: &mut String, field: &str) {
    let is_quoted = field.contains([',', '"', '\r', '\n']);
    if is_quoted {
        line.push('"');
    }
    if field.starts_with(FORMULA_BEGINS) {
        line.push('\'');
    }
    for character in field.chars() {
        if character == '"' {
            line.push('"');
        }
        line.push(character);
    }
    if is_quoted {
        line.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_has_to_be_and_never_a_formula() {
        let table = [
            ("", ""),
            ("John Doe", "John Doe"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("a=b", "a=b"),
        ];
        for (field, written) in table {
            let mut line = String::new();
            push_line(&mut line, [field, "x"]);
            assert_eq!(line, format!("{written},x\r\n"), "{field:?}");
        }
    }
}
