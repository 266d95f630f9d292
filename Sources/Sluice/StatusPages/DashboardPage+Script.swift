extension DashboardPage {
    /// Reads the stream of events and draws it. Text from the server goes into the page as text,
    /// never as markup.
    static let script = scriptOfNumbers + scriptOfCharts + scriptOfPage

    /// What is drawn, and how numbers are written.
    private static let scriptOfNumbers = #"""
        'use strict';
        // A block of its own: a window has names such as `top` already.
        {
        const byId = id => document.getElementById(id);
        const digits = v => v === 0 ? 0 : v < 9.95 ? 1 : 0;
        function scaled(value, units, base) {
            let unit = 0;
            while (value >= base * 0.9995 && unit < units.length - 1) { value /= base; unit += 1; }
            const places = unit === 0 ? digits(value) : value < 9.95 ? 2 : value < 99.5 ? 1 : 0;
            return value.toFixed(places) + units[unit];
        }
        const plain = v => v == null ? '–' : v > 0 && v < 0.05 ? '<0.1'
            : scaled(v, ['', 'k', 'M', 'G'], 1000);
        const whole = v => v == null ? '–' : Math.round(v).toLocaleString('en');
        const bytes = v => v == null ? '–' : scaled(v, [' B', ' kB', ' MB', ' GB', ' TB'], 1000);
        const percent = v => v == null ? '–'
            : (v * 100).toFixed(v > 0 && v < 0.0995 ? 1 : 0) + ' %';
        function time(ms) {
            if (ms == null) { return '–'; }
            if (ms < 0.9995) { return scaled(ms * 1000, [' µs'], 1e9); }
            if (ms < 999.5) {
                return ms.toFixed(ms < 9.95 ? 2 : ms < 99.5 ? 1 : 0) + ' ms';
            }
            return (ms / 1000).toFixed(ms < 9950 ? 2 : 1) + ' s';
        }
        // Without zeros behind the point.
        const short = text => text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');
        function span(ms) {
            const s = Math.floor(ms / 1000), two = v => String(v).padStart(2, '0');
            if (s < 60) { return s + ' s'; }
            if (s < 3600) { return Math.floor(s / 60) + ' min ' + two(s % 60) + ' s'; }
            if (s < 86400) {
                return Math.floor(s / 3600) + ' h ' + two(Math.floor(s / 60) % 60) + ' min';
            }
            return Math.floor(s / 86400) + ' d ' + Math.floor(s / 3600) % 24 + ' h';
        }
        const sum = object => Object.values(object).reduce((a, b) => a + b, 0);
        const open = f => sum(f.connections);
        const line = (name, color, value) => ({ name, color, value });
        const state = (name, color) => line(name, color, f => f.connections[name]);
        const charts = [
            { title: 'Requests', unit: 'per second', format: plain, area: true,
              lines: [line('requests', 1, f => f.rate)] },
            { title: 'Latency', unit: 'to the last byte, log scale', format: time, log: true,
              lines: [line('p50', 4, f => f.p50), line('p95', 3, f => f.p95),
                      line('p99', 2, f => f.p99)] },
            { title: 'Errors', unit: 'per second', format: plain,
              lines: [line('4xx', 3, f => f.client_errors), line('5xx', 2, f => f.server_errors),
                      line('broken off', 5, f => f.broken)] },
            { title: 'Connections', unit: 'open, by state', format: whole, stacked: true,
              whole: true,
              lines: [state('idle', 6), state('reading', 1), state('answering', 3),
                      state('writing', 4), state('closing', 5), state('refused', 2)] },
            { title: 'Traffic', unit: 'bytes per second', format: bytes,
              lines: [line('received', 1, f => f.in), line('sent', 4, f => f.out)] },
            { title: 'Processor', unit: 'of one core', format: percent, area: true,
              lines: [line('all threads', 5, f => f.cpu)] },
        ];
        const tiles = [
            ['Requests', f => plain(f.rate) + '/s', f => bytes(f.out) + '/s sent'],
            ['Errors', f => plain(f.server_errors + f.client_errors) + '/s',
             f => plain(f.server_errors) + ' of them 5xx'],
            ['Latency p99', f => time(f.p99), f => 'p50 ' + time(f.p50)],
            ['Connections', f => whole(open(f)), f => whole(f.connections.idle) + ' idle'],
            ['In flight', f => whole(f.in_flight), () => 'requests'],
            ['Processor', f => percent(f.cpu), f => f.turn_ms == null ? ''
                : 'turn ' + time(f.turn_ms)],
            ['Memory', f => bytes(f.memory), () => 'resident'],
        ];

        """#

    /// The page around them, and the connection.
    private static let scriptOfPage = #"""
        let frames = [], seconds = 300, hovered = null, hello = null, limit = 300;
        let source = null, wait = 1000, retry = 0, lastNews = 0, goneSince = 0, isEnding = false;
        const endTime = () => frames.length ? frames.at(-1).t : Date.now();
        const visible = () => frames.filter(f => f.t > endTime() - seconds * 1000);
        const clock = t => new Date(t).toLocaleTimeString();
        function draw() {
            const shown = visible(), end = endTime();
            for (const chart of charts) { drawChart(chart, shown, end); }
            byId('moment').textContent = hovered ? 'at ' + clock(hovered.t)
                : frames.length ? 'until ' + clock(end) : '\u00a0';
        }
        function drawTables(frame) {
            byId('routes').replaceChildren();
            for (const route of frame.routes || []) {
                const row = make(byId('routes'), 'tr');
                for (const text of [route.route, plain(route.rate), plain(route.client_errors),
                    plain(route.server_errors), time(route.p50), time(route.p95),
                    time(route.p99)]) {
                    make(row, 'td', '', text);
                }
            }
            if (!byId('routes').firstChild) {
                make(make(byId('routes'), 'tr'), 'td', '', 'no requests').colSpan = 7;
            }
            if (!document.querySelector('details').open) { return; }
            byId('numbers').replaceChildren();
            for (const frame of frames.slice(-20).reverse()) {
                const row = make(byId('numbers'), 'tr');
                make(row, 'td', '', clock(frame.t));
                for (const chart of charts) {
                    for (const item of chart.lines) {
                        make(row, 'td', '', chart.format(item.value(frame)));
                    }
                }
            }
        }
        function showTiles(frame) {
            tiles.forEach((tile, index) => {
                const box = byId('tiles').children[index];
                box.lastChild.firstChild.data = tile[1](frame);
                box.lastChild.lastChild.textContent = tile[2](frame);
            });
        }
        function showLink(text, className) {
            if (byId('link').textContent !== text) { byId('link').textContent = text; }
            byId('link').className = 'pill ' + className;
            document.body.classList.toggle('stale', className === 'gone');
        }
        function showBanner(text, className) {
            byId('banner').hidden = !text;
            byId('banner').className = className || '';
            if (byId('banner').textContent !== text) { byId('banner').textContent = text; }
        }
        function showState(frame) {
            if (frame.state === 'running') {
                showLink('live', 'live');
                showBanner('');
                return;
            }
            showLink(frame.state, 'drain');
            showBanner(`The server is stopping: it has drained for ${time(frame.drain_ms || 0)}, `
                + (frame.in_flight === 0 ? 'and nothing is left to answer.'
                    : frame.in_flight === 1 ? 'and one request is left.'
                    : `and ${whole(frame.in_flight)} requests are left.`), 'drain');
        }
        function keep(frame) {
            frames.push(frame);
            while (frames.length > limit) { frames.shift(); }
        }
        function received(frame) {
            lastNews = Date.now();
            if (frame.t) {
                keep(frame);
                showTiles(frame);
                drawTables(frame);
                draw();
                document.title = `${plain(frame.rate)}/s – Dashboard`;
                const parts = [hello.version, hello.engine + ' engine'];
                if (hello.instance) { parts.unshift(hello.instance); }
                parts.push('up ' + span(frame.t - hello.started_ms));
                byId('about').textContent = parts.join(' · ');
            }
            showState(frame);
        }
        function connect() {
            clearTimeout(retry);
            source = new EventSource('/_dashboard/events');
            source.onerror = lost;
            source.addEventListener('hello', event => {
                hello = JSON.parse(event.data);
                limit = hello.frames;
                wait = 1000;
                goneSince = 0;
                isEnding = false;
                lastNews = Date.now();
                showLink('live', 'live');
                showBanner('');
            });
            source.addEventListener('history', event => {
                const past = JSON.parse(event.data);
                // What an earlier life of the server was like stays where it was.
                const first = past.length ? past[0].t : Infinity;
                frames = frames.filter(f => f.t < first).concat(past).slice(-limit);
                draw();
            });
            source.addEventListener('frame', event => received(JSON.parse(event.data)));
            source.addEventListener('end', event => {
                isEnding = true;
                received(JSON.parse(event.data));
                lost();
            });
        }
        function lost() {
            source.close();
            goneSince = goneSince || Date.now();
            showLink(isEnding ? 'stopped' : 'gone', 'gone');
            showBanner((isEnding ? 'The server has stopped' : 'The server does not answer')
                + ` since ${clock(goneSince)}; this page asks again every few seconds.`, 'gone');
            document.title = 'gone – Dashboard';
            clearTimeout(retry);
            retry = setTimeout(connect, wait);
            wait = Math.min(wait * 2, 5000);
        }
        for (const tile of tiles) {
            const box = make(byId('tiles'), 'dl', 'tile');
            make(box, 'dt', '', tile[0]);
            make(make(box, 'dd', '', '–'), 'small', '', '');
        }
        make(byId('names'), 'th', '', 'Time').scope = 'col';
        for (const chart of charts) {
            build(chart);
            for (const item of chart.lines) {
                const name = item.name === 'requests' ? 'requests/s' : item.name;
                make(byId('names'), 'th', '', name).scope = 'col';
            }
        }
        document.querySelectorAll('[name=span]').forEach(input => {
            input.addEventListener('change', () => { seconds = Number(input.value); draw(); });
        });
        new ResizeObserver(draw).observe(byId('charts'));
        // A connection that is cut without a word is noticed by its silence.
        setInterval(() => {
            if (source.readyState === 1 && lastNews && Date.now() - lastNews > 5000) { lost(); }
        }, 1000);
        draw();
        connect();
        }
        """#
}
