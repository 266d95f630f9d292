extension DashboardPage {
    /// Axes and lines: the part of the script that draws the charts.
    static let scriptOfCharts = #"""
        function add(parent, name, attributes, text) {
            const element = document.createElementNS('http://www.w3.org/2000/svg', name);
            for (const key in attributes) { element.setAttribute(key, attributes[key]); }
            if (text != null) { element.textContent = text; }
            parent.append(element);
            return element;
        }
        function make(parent, name, className, text) {
            const element = document.createElement(name);
            if (className) { element.className = className; }
            if (text != null) { element.textContent = text; }
            parent.append(element);
            return element;
        }
        function build(chart) {
            const figure = make(byId('charts'), 'figure');
            const caption = make(figure, 'figcaption', '', chart.title + ' ');
            make(caption, 'span', '', chart.unit);
            const legend = make(figure, 'ul', 'legend');
            for (const item of chart.lines) {
                const entry = make(legend, 'li');
                make(entry, 'i', 'f' + item.color);
                entry.append(item.name + ' ');
                item.label = make(entry, 'b', '', '–');
            }
            chart.svg = add(figure, 'svg', { role: 'img', 'aria-label': chart.title });
            chart.svg.addEventListener('pointermove', event => point(chart, event));
            chart.svg.addEventListener('pointerleave', () => { hovered = null; draw(); });
        }
        const left = 58, right = 10, top = 8, bottom = 20;
        function linear(largest, isWhole) {
            const rough = Math.max(largest, isWhole ? 3 : 0.001) / 3;
            const magnitude = Math.pow(10, Math.floor(Math.log10(rough)));
            let step = [1, 2, 5, 10].find(n => n * magnitude >= rough * 0.999) * magnitude;
            if (isWhole) { step = Math.max(1, step); }
            const count = Math.max(1, Math.ceil(largest / step - 1e-9));
            const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
            return { ticks, place: value => value / (count * step) };
        }
        function logarithmic(values) {
            const known = values.filter(v => v > 0);
            const low = Math.floor(Math.log10(Math.min(...known, 1)) + 1e-9);
            const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...known, 0.001)) - 1e-9));
            const ticks = [];
            for (let power = low; power <= high; power += 1) {
                ticks.push(Number(Math.pow(10, power).toPrecision(3)));
            }
            return { ticks, place: value =>
                Math.max(0, (Math.log10(Math.max(value, 1e-9)) - low) / (high - low)) };
        }
        function drawChart(chart, shown, end) {
            const svg = chart.svg;
            const width = svg.clientWidth || 400, height = svg.clientHeight || 168;
            const x = f => left + (width - left - right) * (1 - (end - f.t) / (seconds * 1000));
            const values = shown.map(f => chart.lines.map(item => item.value(f)));
            const tops = chart.stacked ? values.map(row => row.reduce((a, b) => a + b, 0))
                : values.flat().filter(v => v != null);
            const scale = chart.log ? logarithmic(tops)
                : linear(Math.max(0, ...tops), chart.whole);
            const y = v => top + (height - top - bottom) * (1 - scale.place(v));
            svg.replaceChildren();
            svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
            for (const tick of scale.ticks) {
                add(svg, 'line', { class: 'grid', x1: left, x2: width - right, y1: y(tick),
                    y2: y(tick) });
                add(svg, 'text', { x: left - 7, y: y(tick) + 4, 'text-anchor': 'end' },
                    short(chart.format(tick)));
            }
            const apart = width < 420 ? seconds > 60 ? 120 : 30 : seconds > 60 ? 60 : 15;
            for (let ago = 0; ago <= seconds; ago += apart) {
                const anchor = ago === 0 ? 'end' : ago === seconds ? 'start' : 'middle';
                const label = ago === 0 ? 'now' : seconds > 60 ? `−${ago / 60} min` : `−${ago} s`;
                add(svg, 'text', { x: x({ t: end - ago * 1000 }), y: height - 4,
                    'text-anchor': anchor }, label);
            }
            if (chart.stacked) { drawStack(chart, shown, values, x, y); }
            else { drawLines(chart, shown, values, x, y); }
            const marked = hovered && shown.includes(hovered) ? hovered : null;
            if (marked) {
                add(svg, 'line', { class: 'cross', x1: x(marked), x2: x(marked), y1: top,
                    y2: height - bottom });
            }
            const now = marked || shown.at(-1);
            for (const item of chart.lines) {
                item.label.textContent = now ? chart.format(item.value(now)) : '–';
            }
            svg.setAttribute('aria-label', `${chart.title}, ${chart.unit}: ` + chart.lines
                .map(item => `${item.name} ${item.label.textContent}`).join(', '));
        }
        // Frames without a pause between them, in which a value is known.
        function runs(shown, known) {
            const all = [];
            let run = [];
            shown.forEach((frame, index) => {
                const before = shown[index - 1];
                if (before && frame.t - before.t > 2500 || !known(index)) {
                    if (run.length) { all.push(run); }
                    run = [];
                }
                if (known(index)) { run.push(index); }
            });
            if (run.length) { all.push(run); }
            return all;
        }
        const path = points => points.map((p, index) =>
            (index ? 'L' : 'M') + p[0].toFixed(1) + ' ' + p[1].toFixed(1)).join('');
        function drawLines(chart, shown, values, x, y) {
            chart.lines.forEach((item, place) => {
                for (const run of runs(shown, index => values[index][place] != null)) {
                    const points = run.map(index => [x(shown[index]), y(values[index][place])]);
                    // One second alone would be a line without length.
                    if (points.length === 1) { points.unshift([points[0][0] - 2, points[0][1]]); }
                    if (chart.area) {
                        const ground = y(0).toFixed(1);
                        add(chart.svg, 'path', { class: 'area f' + item.color, d: path(points)
                            + `L${points.at(-1)[0].toFixed(1)} ${ground}`
                            + `L${points[0][0].toFixed(1)} ${ground}Z` });
                    }
                    add(chart.svg, 'path', { class: 'k' + item.color, d: path(points) });
                }
            });
        }
        function drawStack(chart, shown, values, x, y) {
            for (const run of runs(shown, () => true)) {
                let base = run.map(() => 0);
                chart.lines.forEach((item, place) => {
                    const upper = run.map((index, at) => base[at] + values[index][place]);
                    if (run.some(index => values[index][place] > 0)) {
                        const over = run.map((index, at) => [x(shown[index]), y(upper[at])]);
                        const under = run.map((index, at) => [x(shown[index]), y(base[at])]);
                        if (run.length === 1) {
                            over.unshift([over[0][0] - 2, over[0][1]]);
                            under.unshift([under[0][0] - 2, under[0][1]]);
                        }
                        add(chart.svg, 'path', { class: 'stack f' + item.color,
                            d: path(over) + path(under.reverse()).replace('M', 'L') + 'Z' });
                    }
                    base = upper;
                });
            }
        }
        function point(chart, event) {
            const box = chart.svg.getBoundingClientRect();
            const share = (event.clientX - box.left - left) / (box.width - left - right);
            const wanted = endTime() - (1 - share) * seconds * 1000;
            const shown = visible();
            hovered = shown.length === 0 ? null : shown.reduce((a, b) =>
                Math.abs(b.t - wanted) < Math.abs(a.t - wanted) ? b : a);
            draw();
        }

        """#
}
