//! Which of the offered languages a browser asks for (RFC 4647 lookup over `Accept-Language`).

/// The longest `Accept-Language` that is read; the rest is cut off.
const HEADER_BYTES_MAX: usize = 1000;
/// The most ranges of it that are looked at.
const RANGES_MAX: usize = 32;

/// Returns the first offered tag that the header asks for, by weight and then by order.
pub(super) fn choose<'a>(header: &str, offered: &[&'a str]) -> Option<&'a str> {
    let header = header.get(..HEADER_BYTES_MAX).unwrap_or(header);
    let mut ranges: Vec<(u32, &str)> =
        header.split(',').take(RANGES_MAX).filter_map(range).collect();
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges
        .into_iter()
        .filter(|(weight, _)| *weight > 0)
        .find_map(|(_, range)| look_up(range, offered))
}

fn range(item: &str) -> Option<(u32, &str)> {
    let mut parts = item.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths)?;
    Some((weight, tag))
}

fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        "0" => format!("{fraction:0<3}").parse().ok(),
        "1" => Some(1000),
        _ => None,
    }
}

fn look_up<'a>(range: &str, offered: &[&'a str]) -> Option<&'a str> {
    let mut wanted = match range.to_ascii_lowercase().as_str() {
        "zh" | "zh-cn" | "zh-sg" | "zh-my" => "zh-hans".to_owned(),
        other => other.to_owned(),
    };
    loop {
        if let Some(found) = offered.iter().find(|tag| tag.eq_ignore_ascii_case(&wanted)) {
            return Some(found);
        }
        let end = wanted.rfind('-')?;
        wanted.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_offered_language_wins() {
        let offered = ["en", "ar", "zh-Hans"];
        let check = |header, expected| assert_eq!(choose(header, &offered), expected, "{header}");
        check("ar", Some("ar"));
        check("ar-EG, en;q=0.8", Some("ar"));
        check("fi, en;q=0.5, ar;q=0.7", Some("ar"));
        check("fi;q=1, sv", None);
        check("ar;q=0, en", Some("en"));
        check("zh-CN", Some("zh-Hans"));
        check("zh-Hans-SG", Some("zh-Hans"));
        check("zh-TW", None);
        check("*", None);
        check("", None);
        check(";;;,,,q=1;q=x", None);
        check("AR-eg;q=0.9999, en;q=0.1", Some("en"));
    }
}
