/// The page's style sheet. Fonts are the reader's own: a page that is complete in itself loads none.
enum HTMLStyle {
    static let sheet = """

        :root{--page:#f6f7f9;--card:#fff;--ink:#171a21;--soft:#5c6470;--rule:#e3e6ea;\
        --grid:#eceff2;--response:#2563c9;--service:#b45f06;--p90:#0f8a7e;--p99:#c2570c;\
        --maximum:#8a93a0;--error:#c62f3b;--good:#18794e;--caution:#8a5a00;\
        --caution-back:#fff6e0;--bad-back:#fdecee;--good-back:#e9f7ef}
        @media(prefers-color-scheme:dark){:root{--page:#0f1217;--card:#171b22;--ink:#e8eaee;\
        --soft:#9aa3b0;--rule:#2a303a;--grid:#232932;--response:#6ea8ff;--service:#f0b35a;\
        --p90:#4fd1c0;--p99:#ff9c5b;--maximum:#78828f;--error:#ff6b76;--good:#5fd39a;\
        --caution:#f3c969;--caution-back:#2e2613;--bad-back:#33191c;--good-back:#12291e}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        main{max-width:980px;margin:0 auto;padding:36px 20px 48px}
        h1{font-size:25px;line-height:1.25;margin:0;overflow-wrap:anywhere;letter-spacing:-.01em}
        h2{font-size:15px;margin:0}
        p{margin:0}
        .eyebrow{color:var(--soft);font-size:13px;margin-bottom:4px}
        .shape{color:var(--soft);margin-top:6px}
        .notices{list-style:none;margin:20px 0 0;padding:0;display:grid;gap:8px}
        .notices li{padding:9px 14px;border-radius:8px;background:var(--card);\
        border:1px solid var(--rule)}
        .notices .caution{background:var(--caution-back);color:var(--caution);border-color:transparent}
        .notices .bad{background:var(--bad-back);color:var(--error);border-color:transparent}
        .notices .good{background:var(--good-back);color:var(--good);border-color:transparent}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(138px,1fr));gap:12px;\
        margin:22px 0}
        .tile{background:var(--card);border:1px solid var(--rule);border-radius:10px;\
        padding:12px 16px;display:flex;flex-direction:column}
        .tile span{color:var(--soft);font-size:13px}
        .tile strong{font-size:25px;line-height:1.3;font-weight:620;\
        font-variant-numeric:tabular-nums;letter-spacing:-.01em}
        .tile.bad strong{color:var(--error)}
        figure,section{background:var(--card);border:1px solid var(--rule);border-radius:10px;\
        margin:0 0 14px;padding:16px 18px}
        figcaption{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 12px;margin-bottom:8px}
        figcaption p{color:var(--soft);font-size:13px}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:0 0 0 auto;\
        padding:0;font-size:13px;color:var(--soft)}
        .legend i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;\
        vertical-align:middle;background:var(--response)}
        .legend i.service{background:var(--service)}.legend i.error{background:var(--error)}
        .legend i.p90{background:var(--p90)}.legend i.p99{background:var(--p99)}
        .legend i.maximum{background:var(--maximum)}
        svg{display:block;width:100%;height:auto;overflow:visible}
        svg text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
        svg text.mark{fill:var(--ink)}
        .grid{stroke:var(--grid)}.base{stroke:var(--rule)}
        .marker{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3;opacity:.45}
        .line{fill:none;stroke:var(--response);stroke-width:2;stroke-linejoin:round;\
        stroke-linecap:round}
        .dot{fill:var(--response)}.dot.bare{display:none}
        .bar{fill:var(--response)}.area{fill:var(--response);opacity:.14}
        .line.service{stroke:var(--service);stroke-dasharray:7 5}.line.p90{stroke:var(--p90)}
        .line.p99{stroke:var(--p99)}.line.maximum{stroke:var(--maximum);stroke-width:1.4}
        .dot.p90{fill:var(--p90)}.dot.p99{fill:var(--p99)}.dot.maximum{fill:var(--maximum)}
        .bar.error{fill:var(--error)}
        .tip{fill:transparent}.tip:hover{fill:var(--ink);fill-opacity:.06}
        .columns{columns:3 280px;column-gap:14px}
        section{overflow-x:auto;break-inside:avoid}
        table{border-collapse:collapse;width:100%;margin-top:8px;font-size:14px;\
        font-variant-numeric:tabular-nums}
        th{font-weight:500;color:var(--soft);font-size:13px}
        th,td{text-align:right;padding:5px 0 5px 10px;border-top:1px solid var(--rule)}
        thead th{border-top:0}
        th:first-child,td:first-child{text-align:left;padding-left:0}
        .wide td:last-child,.wide th:last-child{text-align:left;padding-left:28px;width:60%}
        .none,footer{color:var(--soft)}.none{margin-top:8px}
        footer{margin-top:24px;font-size:13px;max-width:70ch}
        @media print{body{background:#fff}figure,section{break-inside:avoid}}

        """
}
