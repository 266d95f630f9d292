extension DashboardPage {
    /// Light or dark as the reader's system is; one column where there is no room for two. Every
    /// colour of a line has at least 3:1 against its ground, every text 4.5:1 (WCAG 2.2, 1.4).
    static let style = """
        :root { color-scheme: light dark;
            --ground: #f6f8fa; --card: #fff; --ink: #1f2328; --soft: #59636e; --line: #d8dee4;
            --c1: #0969da; --c2: #cf222e; --c3: #9a6700; --c4: #1a7f37; --c5: #8250df;
            --c6: #6e7781; --good: #1a7f37; --warn: #9a6700; --bad: #cf222e }
        @media (prefers-color-scheme: dark) { :root {
            --ground: #0d1117; --card: #151b23; --ink: #e6edf3; --soft: #9198a1; --line: #30363d;
            --c1: #58a6ff; --c2: #ff7b72; --c3: #e3b341; --c4: #56d364; --c5: #bc8cff;
            --c6: #8b949e; --good: #56d364; --warn: #e3b341; --bad: #ff7b72 } }
        * { box-sizing: border-box }
        body { background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif;
            margin: 0 auto; max-width: 84rem; padding: 1rem }
        h1 { font-size: 1.25rem; margin: 0 } h2 { font-size: 1rem; margin: 0 0 .5rem }
        small, #about, #moment, figcaption span, .tile dt, .tile small { color: var(--soft) }
        small { font-size: .85em; font-weight: 400 } p { margin: 0 }
        header { align-items: center; display: flex; gap: 1rem; justify-content: space-between;
            margin-bottom: 1rem }
        .pill { border: 1px solid var(--line); border-radius: 1rem; color: var(--soft);
            flex: none; padding: .15rem .75rem }
        .pill::before { background: currentColor; border-radius: 50%; content: "";
            display: inline-block; height: .55em; margin-right: .5em; width: .55em }
        .pill.live { color: var(--good) } .pill.drain { color: var(--warn) }
        .pill.gone { color: var(--bad) }
        #banner { background: var(--card); border: 1px solid var(--line);
            border-left: 4px solid var(--warn); border-radius: .4rem; margin-bottom: 1rem;
            padding: .5rem .9rem }
        #banner.gone { border-left-color: var(--bad) }
        #tiles { display: grid; gap: .75rem;
            grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)) }
        .tile, figure, section > .wide, details { background: var(--card);
            border: 1px solid var(--line); border-radius: .4rem }
        .tile { margin: 0; padding: .6rem .9rem } .tile dt { font-size: .85rem }
        .tile dd { font-size: 1.5rem; font-variant-numeric: tabular-nums; line-height: 1.3;
            margin: 0; white-space: nowrap }
        .tile small { display: block; font-size: .85rem; min-height: 1.45em }
        .stale #tiles dd, .stale #routes { opacity: .45 }
        .bar { align-items: center; display: flex; flex-wrap: wrap; gap: .5rem 1rem;
            justify-content: space-between; margin: 1rem 0 .5rem }
        #moment { font-variant-numeric: tabular-nums }
        fieldset { border: 0; display: flex; gap: 1rem; margin: 0; padding: 0 }
        legend { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute;
            width: 1px }
        #charts { display: grid; gap: .75rem; grid-template-columns: repeat(2, minmax(0, 1fr));
            margin-bottom: 1.25rem }
        figure { margin: 0; padding: .6rem .9rem .4rem }
        figcaption { font-weight: 600 } figcaption span { font-size: .85em; font-weight: 400 }
        .legend { display: flex; flex-wrap: wrap; font-size: .85rem;
            font-variant-numeric: tabular-nums; gap: 0 1rem; list-style: none; margin: .1rem 0 .3rem;
            min-height: 1.45em; padding: 0 }
        .legend i { border-radius: 2px; display: inline-block; height: .65em; margin-right: .4em;
            width: .9em } .legend b { font-weight: 600 }
        figure svg { display: block; height: 168px; touch-action: pan-y; width: 100% }
        svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums }
        svg .grid { stroke: var(--line); stroke-width: 1 }
        svg .cross { stroke: var(--soft); stroke-width: 1 }
        svg path { fill: none; stroke-linejoin: round; stroke-width: 1.75 }
        .k1 { stroke: var(--c1) } .k2 { stroke: var(--c2) } .k3 { stroke: var(--c3) }
        .k4 { stroke: var(--c4) } .k5 { stroke: var(--c5) } .k6 { stroke: var(--c6) }
        svg .area { stroke: none; opacity: .16 } svg .stack { opacity: .7; stroke: none }
        .f1 { background: var(--c1) } .f2 { background: var(--c2) } .f3 { background: var(--c3) }
        .f4 { background: var(--c4) } .f5 { background: var(--c5) } .f6 { background: var(--c6) }
        svg .f1 { fill: var(--c1) } svg .f2 { fill: var(--c2) } svg .f3 { fill: var(--c3) }
        svg .f4 { fill: var(--c4) } svg .f5 { fill: var(--c5) } svg .f6 { fill: var(--c6) }
        .wide { overflow-x: auto } details { margin-top: 1.25rem }
        summary { cursor: pointer; padding: .5rem .9rem }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100% }
        th, td { padding: .3rem .9rem; text-align: right; white-space: nowrap }
        th:first-child, td:first-child { text-align: left }
        th { color: var(--soft); font-size: .85rem; font-weight: 500 }
        tbody tr { border-top: 1px solid var(--line) }
        footer { margin-top: 1.25rem } a { color: var(--c1) }
        :focus-visible { outline: 2px solid var(--c1); outline-offset: 2px }
        @media (max-width: 52rem) { #charts { grid-template-columns: minmax(0, 1fr) } }
        """
}
