import Configuration

/// Text for HTML.
enum HTML {
    /// Text with everything escaped that HTML gives a meaning to, and nothing that reorders or hides what stands around it.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n": result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(PrintableText.isHarmless(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return result
    }

    /// A table of counts with bars behind the numbers.
    static func counts(
        _ title: String, _ items: [(text: String, count: Int64)], of total: Int64, _ format: (Int64) -> String
    )
        -> String
    {
        let rows = items.filter { $0.count > 0 }.map { item in
            let share = total > 0 ? Double(item.count) / Double(total) * 100 : 0
            return "<tr><th>\(escaped(item.text))</th><td>\(format(item.count))</td><td class=\"bar\"><i style=\"width:"
                + "\((share * 10).rounded() / 10)%\"></i></td></tr>"
        }
        guard !rows.isEmpty else { return "" }
        return "<section><h3>\(escaped(title))</h3><table>\(rows.joined())</table></section>"
    }

    /// The head of a page that needs nothing else: no script, no font, no network.
    static func head(_ title: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(escaped(title))</title><style>
        :root{--ground:#fff;--ink:#1d2329;--dim:#5b6670;--line:#d8dee4;--mark:#2563a8;--panel:#f5f7f9;--bad:#b3261e;--good:#1a6b3c}
        @media(prefers-color-scheme:dark){:root{--ground:#14181c;--ink:#e4e8ec;--dim:#98a4af;--line:#333c45;--mark:#6aa9e9;--panel:#1c2228;--bad:#ff8a80;--good:#7bd3a0}}
        body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:760px;margin:0 auto;padding:32px 20px}
        h1{font-size:22px;margin:0 0 4px}h2{font-size:17px;margin:32px 0 8px}h3{font-size:14px;margin:16px 0 4px;color:var(--dim)}
        p{margin:4px 0}.dim,figcaption span{color:var(--dim)}.bad{color:var(--bad)}.good{color:var(--good)}
        table{border-collapse:collapse;width:100%}th,td{padding:3px 12px 3px 0;text-align:left;font-weight:normal;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
        td{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.bar{width:35%;padding-right:0}td.text{text-align:left;white-space:normal}
        i{display:block;height:9px;background:var(--mark);border-radius:2px;min-width:1px}
        pre{background:var(--panel);padding:12px;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:13px}
        figure{margin:16px 0}figcaption{font-size:14px}svg{width:100%;height:auto}svg text{fill:var(--dim);font-size:11px}
        @media(max-width:560px){svg text{font-size:20px}}
        .grid{stroke:var(--line)}polyline{fill:none;stroke:var(--mark);stroke-width:2;stroke-linejoin:round}
        @media print{:root{--ground:#fff;--ink:#000}}
        </style></head><body><main>
        """
    }
}
