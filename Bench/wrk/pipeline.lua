-- wrk script: DEPTH requests to / in one write; HEADERS=browser adds what a browser sends.
--   DEPTH=16 HEADERS=browser wrk -t1 -c64 -d10s -s Bench/wrk/pipeline.lua http://127.0.0.1:8080/
local depth = tonumber(os.getenv("DEPTH") or "1")
local browser = {
    ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    ["Accept-Language"] = "en-US,en;q=0.9,de;q=0.8",
    ["Accept-Encoding"] = "gzip, deflate, br, zstd",
    ["Cookie"] = "session=0123456789abcdef0123456789abcdef; theme=dark",
    ["Cache-Control"] = "max-age=0",
    ["Upgrade-Insecure-Requests"] = "1",
}

function init()
    if os.getenv("HEADERS") == "browser" then
        for name, value in pairs(browser) do
            wrk.headers[name] = value
        end
    end
    local requests = {}
    for index = 1, depth do
        requests[index] = wrk.format("GET", "/")
    end
    batch = table.concat(requests)
end

function request()
    return batch
end
