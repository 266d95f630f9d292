internal import Containers
internal import HTTP1

extension MediaType {
    /// The type of a file by the extension of its name, whatever its case, as web servers say it:
    /// `text/*` with `charset=utf-8`, and without one what says it itself (JSON, RFC 8259 §8.1; XML)
    /// or has none. `application/octet-stream` where the extension is unknown, or missing.
    public static func ofFile(named name: String) -> MediaType {
        let text = FileTypes.contentType(ofFileNamed: name.utf8.span)
        guard let type = MediaType(text.span) else {
            preconditionFailure("the table holds types and nothing else")
        }
        return type
    }
}

/// Types of files by the extensions of their names.
package enum FileTypes {
    /// The value of `Content-Type` for a file; allocates only that.
    static func contentType(ofFileNamed name: Span<UInt8>) -> [UInt8] {
        guard let range = type(ofFileNamed: name) else {
            return Array("application/octet-stream".utf8)
        }
        let type = Array(copying: table.span.extracting(range))
        return type.starts(with: "text/".utf8) ? type + "; charset=utf-8".utf8 : type
    }

    /// The range of the type in the table; `nil` where the extension is unknown, or missing. A name
    /// that only begins with a dot has no extension. O(log n), allocates nothing.
    private static func type(ofFileNamed name: Span<UInt8>) -> Range<Int>? {
        var start = name.count
        while start > 0, name[start - 1] != UInt8(ascii: "."), name[start - 1] != UInt8(ascii: "/")
        {
            start -= 1
        }
        guard start > 1, name[start - 1] == UInt8(ascii: "."), name[start - 2] != UInt8(ascii: "/")
        else { return nil }
        return type(of: name.extracting(start...))
    }

    /// Binary search over the lines of the table.
    private static func type(of wanted: Span<UInt8>) -> Range<Int>? {
        let table = table.span
        var (lower, upper) = (0, table.count)
        while lower < upper {
            var start = (lower + upper) / 2
            while start > lower, table[start - 1] != UInt8(ascii: "\n") { start -= 1 }
            let end = table.firstIndex(of: UInt8(ascii: "\n"), in: start..<upper) ?? upper
            let space = table.firstIndex(of: UInt8(ascii: " "), in: start..<end) ?? end
            switch compare(wanted, table.extracting(start..<space)) {
            case 0: return space + 1..<end
            case ..<0: upper = start
            default: lower = end + 1
            }
        }
        return nil
    }

    /// Below 0 when the first text, in lower case, comes before the second, which is in lower case.
    private static func compare(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Int {
        for index in 0..<min(first.count, second.count) {
            let byte = first[index]
            let lowered =
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            if lowered != second[index] { return Int(lowered) - Int(second[index]) }
        }
        return first.count - second.count
    }

    /// Every extension with its type, sorted; data of the program, which nothing has to be made of.
    ///
    /// What is registered (IANA) wins over what is usual. JavaScript is `text/javascript`
    /// (RFC 9239), Ogg's Opus `audio/ogg` (RFC 7845), `.ts` a transport stream (RFC 8216).
    package static var table: StaticString {
        """
        123 application/vnd.lotus-1-2-3
        3g2 video/3gpp2
        3gp video/3gpp
        3mf model/3mf
        7z application/x-7z-compressed
        a application/octet-stream
        aac audio/aac
        abw application/x-abiword
        ac3 audio/ac3
        adoc text/plain
        adts audio/aac
        ai application/postscript
        aif audio/x-aiff
        aifc audio/x-aiff
        aiff audio/x-aiff
        amr audio/amr
        apk application/vnd.android.package-archive
        apng image/apng
        appcache text/cache-manifest
        arc application/x-freearc
        arrow application/vnd.apache.arrow.file
        arrows application/vnd.apache.arrow.stream
        arw image/x-sony-arw
        asc text/plain
        asf video/x-ms-asf
        asm text/x-asm
        asx video/x-ms-asf
        atom application/atom+xml
        au audio/basic
        avi video/x-msvideo
        avif image/avif
        awb audio/amr-wb
        azw application/vnd.amazon.ebook
        bash text/x-sh
        bat application/x-bat
        bdf application/x-font-bdf
        bib text/x-bibtex
        bin application/octet-stream
        bmp image/bmp
        br application/x-brotli
        bz application/x-bzip
        bz2 application/x-bzip2
        c text/x-c
        cab application/vnd.ms-cab-compressed
        caf audio/x-caf
        cap application/vnd.tcpdump.pcap
        cbor application/cbor
        cc text/x-c
        cdf application/x-netcdf
        cer application/pkix-cert
        cfg text/plain
        cgm image/cgm
        chm application/vnd.ms-htmlhelp
        cjs text/javascript
        class application/java-vm
        clj text/x-clojure
        cljs text/x-clojure
        cls text/x-tex
        cmake text/x-cmake
        coffee text/coffeescript
        conf text/plain
        cpio application/x-cpio
        cpp text/x-c
        cr2 image/x-canon-cr2
        crl application/pkix-crl
        crt application/x-x509-ca-cert
        crx application/x-chrome-extension
        cs text/x-csharp
        csh application/x-csh
        css text/css
        csv text/csv
        cur image/vnd.microsoft.icon
        curl text/vnd.curl
        cxx text/x-c
        d text/x-d
        dae model/vnd.collada+xml
        dart application/vnd.dart
        dat application/octet-stream
        db application/vnd.sqlite3
        dbk application/docbook+xml
        dcm application/dicom
        dcr application/x-director
        dds image/vnd.ms-dds
        deb application/vnd.debian.binary-package
        der application/x-x509-ca-cert
        diff text/plain
        dir application/x-director
        djv image/vnd.djvu
        djvu image/vnd.djvu
        dll application/x-msdownload
        dmg application/x-apple-diskimage
        dng image/x-adobe-dng
        doc application/msword
        docm application/vnd.ms-word.document.macroenabled.12
        docx application/vnd.openxmlformats-officedocument.wordprocessingml.document
        dot application/msword
        dotx application/vnd.openxmlformats-officedocument.wordprocessingml.template
        drawio application/vnd.jgraph.mxfile
        dtd application/xml-dtd
        dts audio/vnd.dts
        dump application/octet-stream
        dv video/dv
        dvb video/vnd.dvb.file
        dvi application/x-dvi
        dwg image/vnd.dwg
        dxf image/vnd.dxf
        dxr application/x-director
        eac3 audio/eac3
        ear application/java-archive
        el text/x-lisp
        emf image/emf
        eml message/rfc822
        eot application/vnd.ms-fontobject
        eps application/postscript
        epub application/epub+zip
        erl text/x-erlang
        etx text/x-setext
        ex text/x-elixir
        exe application/x-msdownload
        exr image/x-exr
        exs text/x-elixir
        f text/x-fortran
        f4v video/x-f4v
        f77 text/x-fortran
        f90 text/x-fortran
        feather application/vnd.apache.arrow.file
        fit image/fits
        fits image/fits
        flac audio/flac
        fli video/x-fli
        flv video/x-flv
        fly text/vnd.fly
        for text/x-fortran
        frag text/x-glsl
        fts image/fits
        g3 image/g3fax
        geojson application/geo+json
        ggb application/vnd.geogebra.file
        gif image/gif
        glb model/gltf-binary
        glsl text/x-glsl
        gltf model/gltf+json
        gnumeric application/x-gnumeric
        go text/x-go
        gpg application/pgp-encrypted
        gpkg application/geopackage+sqlite3
        gpx application/gpx+xml
        gql application/graphql
        graphql application/graphql
        grxml application/srgs+xml
        gtar application/x-gtar
        gv text/vnd.graphviz
        gz application/gzip
        h text/x-c
        h261 video/h261
        h263 video/h263
        h264 video/h264
        h5 application/x-hdf
        hbs text/x-handlebars
        hdf application/x-hdf
        hdr image/vnd.radiance
        heic image/heic
        heif image/heif
        hh text/x-c
        hpp text/x-c
        hqx application/mac-binhex40
        hs text/x-haskell
        htc text/x-component
        htm text/html
        html text/html
        hxx text/x-c
        ico image/vnd.microsoft.icon
        ics text/calendar
        ief image/ief
        ifb text/calendar
        iges model/iges
        igs model/iges
        img application/octet-stream
        ini text/plain
        ipynb application/x-ipynb+json
        iso application/x-iso9660-image
        jad text/vnd.sun.j2me.app-descriptor
        jar application/java-archive
        java text/x-java
        jfif image/jpeg
        jnlp application/x-java-jnlp-file
        jp2 image/jp2
        jpe image/jpeg
        jpeg image/jpeg
        jpf image/jpx
        jpg image/jpeg
        jpgv video/jpeg
        jpm image/jpm
        jpx image/jpx
        js text/javascript
        json application/json
        json5 application/json5
        jsonl application/x-ndjson
        jsonld application/ld+json
        jsonml application/jsonml+json
        jsx text/jsx
        jxl image/jxl
        kar audio/midi
        key application/vnd.apple.keynote
        kml application/vnd.google-earth.kml+xml
        kmz application/vnd.google-earth.kmz
        kt text/x-kotlin
        kts text/x-kotlin
        ktx image/ktx
        ktx2 image/ktx2
        latex application/x-latex
        less text/x-less
        lha application/x-lzh-compressed
        lib application/octet-stream
        lisp text/x-lisp
        log text/plain
        ltx text/x-tex
        lua text/x-lua
        lz application/x-lzip
        lzh application/x-lzh-compressed
        lzma application/x-lzma
        m text/x-objective-c
        m1v video/mpeg
        m2a audio/mpeg
        m2ts video/mp2t
        m2v video/mpeg
        m3u audio/x-mpegurl
        m3u8 application/vnd.apple.mpegurl
        m4a audio/mp4
        m4b audio/mp4
        m4u video/vnd.mpegurl
        m4v video/mp4
        man text/troff
        manifest text/cache-manifest
        map application/json
        markdown text/markdown
        mathml application/mathml+xml
        mbox application/mbox
        md text/markdown
        md5 text/plain
        mdb application/x-msaccess
        me text/troff
        mesh model/mesh
        meta4 application/metalink4+xml
        mht message/rfc822
        mhtml message/rfc822
        mid audio/midi
        midi audio/midi
        mime message/rfc822
        mj2 video/mj2
        mjs text/javascript
        mk text/x-makefile
        mk3d video/x-matroska
        mka audio/x-matroska
        mkd text/markdown
        mkv video/x-matroska
        ml text/x-ocaml
        mli text/x-ocaml
        mm text/x-objective-c
        mng video/x-mng
        mobi application/x-mobipocket-ebook
        mods application/mods+xml
        mov video/quicktime
        movie video/x-sgi-movie
        mp2 audio/mpeg
        mp3 audio/mpeg
        mp4 video/mp4
        mp4a audio/mp4
        mp4v video/mp4
        mpd application/dash+xml
        mpe video/mpeg
        mpeg video/mpeg
        mpg video/mpeg
        mpg4 video/mp4
        mpga audio/mpeg
        mpkg application/vnd.apple.installer+xml
        mpp application/vnd.ms-project
        mrcx application/marcxml+xml
        ms text/troff
        msg application/vnd.ms-outlook
        msh model/mesh
        msi application/x-msdownload
        mtl model/mtl
        mts video/mp2t
        mvt application/vnd.mapbox-vector-tile
        mxf application/mxf
        mxu video/vnd.mpegurl
        n3 text/n3
        nc application/x-netcdf
        ndjson application/x-ndjson
        nef image/x-nikon-nef
        nfo text/plain
        nq application/n-quads
        nt application/n-triples
        numbers application/vnd.apple.numbers
        o application/octet-stream
        obj model/obj
        oda application/oda
        odc application/vnd.oasis.opendocument.chart
        odf application/vnd.oasis.opendocument.formula
        odg application/vnd.oasis.opendocument.graphics
        odi application/vnd.oasis.opendocument.image
        odp application/vnd.oasis.opendocument.presentation
        ods application/vnd.oasis.opendocument.spreadsheet
        odt application/vnd.oasis.opendocument.text
        oga audio/ogg
        ogg audio/ogg
        ogv video/ogg
        ogx application/ogg
        one application/onenote
        onetoc application/onenote
        opml text/x-opml
        opus audio/ogg
        osdx application/opensearchdescription+xml
        otf font/otf
        otg application/vnd.oasis.opendocument.graphics-template
        otp application/vnd.oasis.opendocument.presentation-template
        ots application/vnd.oasis.opendocument.spreadsheet-template
        ott application/vnd.oasis.opendocument.text-template
        owl application/rdf+xml
        oxps application/oxps
        p10 application/pkcs10
        p12 application/x-pkcs12
        p7c application/pkcs7-mime
        p7m application/pkcs7-mime
        p7s application/pkcs7-signature
        p8 application/pkcs8
        pages application/vnd.apple.pages
        parquet application/vnd.apache.parquet
        pas text/x-pascal
        patch text/plain
        pbm image/x-portable-bitmap
        pcap application/vnd.tcpdump.pcap
        pcf application/x-font-pcf
        pct image/x-pict
        pcx image/x-pcx
        pdb application/vnd.palm
        pdf application/pdf
        pem application/x-x509-ca-cert
        pfa application/x-font-type1
        pfb application/x-font-type1
        pfx application/x-pkcs12
        pgm image/x-portable-graymap
        pgp application/pgp-encrypted
        php application/x-httpd-php
        phps text/x-php
        pic image/x-pict
        pjp image/jpeg
        pjpeg image/jpeg
        pl text/x-perl
        pls audio/x-scpls
        pm text/x-perl
        pmtiles application/x-pmtiles
        png image/png
        pnm image/x-portable-anymap
        pot application/vnd.ms-powerpoint
        potx application/vnd.openxmlformats-officedocument.presentationml.template
        ppm image/x-portable-pixmap
        pps application/vnd.ms-powerpoint
        ppsx application/vnd.openxmlformats-officedocument.presentationml.slideshow
        ppt application/vnd.ms-powerpoint
        pptm application/vnd.ms-powerpoint.presentation.macroenabled.12
        pptx application/vnd.openxmlformats-officedocument.presentationml.presentation
        prc application/x-mobipocket-ebook
        properties text/plain
        ps application/postscript
        psd image/vnd.adobe.photoshop
        py text/x-python
        pyc application/x-python-code
        pyi text/x-python
        pyo application/x-python-code
        qt video/quicktime
        r text/x-r
        ra audio/x-pn-realaudio
        ram audio/x-pn-realaudio
        rar application/vnd.rar
        ras image/x-cmu-raster
        rb text/x-ruby
        rdf application/rdf+xml
        rgb image/x-rgb
        ris application/x-research-info-systems
        rmi audio/midi
        rng application/xml
        roff text/troff
        rpm application/x-rpm
        rq application/sparql-query
        rs text/x-rust
        rss application/rss+xml
        rst text/plain
        rtf application/rtf
        rtx text/richtext
        sass text/x-sass
        scala text/x-scala
        scss text/x-scss
        sdp application/sdp
        ser application/java-serialized-object
        sgm text/sgml
        sgml text/sgml
        sh text/x-sh
        sha1 text/plain
        sha256 text/plain
        sha512 text/plain
        shar application/x-shar
        shp application/x-shapefile
        shtml text/html
        sig application/pgp-signature
        sit application/x-stuffit
        smi application/smil+xml
        smil application/smil+xml
        snd audio/basic
        so application/octet-stream
        spx audio/ogg
        sql application/sql
        sqlite application/vnd.sqlite3
        sqlite3 application/vnd.sqlite3
        srt text/plain
        ssml application/ssml+xml
        step model/step
        stl model/stl
        stp model/step
        sty text/x-tex
        sub text/plain
        svg image/svg+xml
        swf application/vnd.adobe.flash.movie
        swift text/x-swift
        t text/troff
        tar application/x-tar
        tcl application/x-tcl
        tei application/tei+xml
        tex text/x-tex
        texi application/x-texinfo
        texinfo application/x-texinfo
        text text/plain
        tga image/x-tga
        tgz application/gzip
        tif image/tiff
        tiff image/tiff
        tk application/x-tcl
        toml application/toml
        topojson application/json
        torrent application/x-bittorrent
        tr text/troff
        trig application/trig
        ts video/mp2t
        tsd application/timestamped-data
        tsv text/tab-separated-values
        tsx text/tsx
        ttc font/collection
        ttf font/ttf
        ttl text/turtle
        ttml application/ttml+xml
        txt text/plain
        u3d model/u3d
        udeb application/vnd.debian.binary-package
        uri text/uri-list
        uris text/uri-list
        urls text/uri-list
        usdz model/vnd.usdz+zip
        vb text/x-vb
        vcard text/vcard
        vcf text/vcard
        vcs text/x-vcalendar
        vert text/x-glsl
        viv video/vnd.vivo
        vrml model/vrml
        vsd application/vnd.visio
        vsdx application/vnd.ms-visio.drawing.main+xml
        vss application/vnd.visio
        vst application/vnd.visio
        vsw application/vnd.visio
        vtt text/vtt
        vxml application/voicexml+xml
        war application/java-archive
        wasm application/wasm
        wav audio/wav
        wax audio/x-ms-wax
        wbmp image/vnd.wap.wbmp
        wbxml application/vnd.wap.wbxml
        wdb application/vnd.ms-works
        weba audio/webm
        webm video/webm
        webmanifest application/manifest+json
        webp image/webp
        wgsl text/wgsl
        wks application/vnd.ms-works
        wm video/x-ms-wm
        wma audio/x-ms-wma
        wmf image/wmf
        wml text/vnd.wap.wml
        wmlc application/vnd.wap.wmlc
        wmls text/vnd.wap.wmlscript
        wmv video/x-ms-wmv
        wmx video/x-ms-wmx
        woff font/woff
        woff2 font/woff2
        wpd application/vnd.wordperfect
        wps application/vnd.ms-works
        wrl model/vrml
        wsdl application/wsdl+xml
        wvx video/x-ms-wvx
        x3d model/x3d+xml
        xbm image/x-xbitmap
        xcf image/x-xcf
        xht application/xhtml+xml
        xhtml application/xhtml+xml
        xla application/vnd.ms-excel
        xlf application/xliff+xml
        xls application/vnd.ms-excel
        xlsb application/vnd.ms-excel.sheet.binary.macroenabled.12
        xlsm application/vnd.ms-excel.sheet.macroenabled.12
        xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
        xlt application/vnd.ms-excel
        xltx application/vnd.openxmlformats-officedocument.spreadsheetml.template
        xlw application/vnd.ms-excel
        xm audio/xm
        xml application/xml
        xop application/xop+xml
        xpi application/x-xpinstall
        xpm image/x-xpixmap
        xps application/vnd.ms-xpsdocument
        xsd application/xml
        xsl application/xml
        xslt application/xslt+xml
        xspf application/xspf+xml
        xul application/vnd.mozilla.xul+xml
        xwd image/x-xwindowdump
        xz application/x-xz
        yaml application/yaml
        yml application/yaml
        z application/x-compress
        zip application/zip
        zsh text/x-sh
        zst application/zstd
        """
    }
}
