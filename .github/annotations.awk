# Turns our diagnostics into annotations of GitHub Actions:
#   file(line,col): error REL1003: text  ->  ::error file=file,line=line,col=col,title=REL1003::text
#   program : error REL3002 : text       ->  ::error title=REL3002::text
# Variable 'folder': where the program ran, relative to the repository; GitHub wants paths from its root.
function data(text) { gsub(/%/, "%25", text); gsub(/\r/, "%0D", text); return text }
function property(text) { text = data(text); gsub(/:/, "%3A", text); gsub(/,/, "%2C", text); return text }

match($0, /: (error|warning) (REL[0-9][0-9][0-9][0-9] ?)?: /) {
    origin = substr($0, 1, RSTART - 1)
    text = substr($0, RSTART + RLENGTH)
    split(substr($0, RSTART + 2, RLENGTH - 2), words, " ")
    title = words[2] ~ /^REL/ ? substr(words[2], 1, 7) : "dotnet-release"
    where = ""
    if (origin !~ / $/) {
        file = origin
        if (match(origin, /\([0-9]+(,[0-9]+)?\)$/)) {
            file = substr(origin, 1, RSTART - 1)
            split(substr(origin, RSTART + 1, RLENGTH - 2), at, ",")
            where = ",line=" at[1] (2 in at ? ",col=" at[2] : "")
        }
        if (file !~ /^\// && folder != "" && folder != ".") file = folder "/" file
        where = "file=" property(file) where ","
    }
    print "::" words[1] " " where "title=" property(title) "::" data(text)
}
