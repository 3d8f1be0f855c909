# config/linnet.lua as the service's: its state and its files are in /var/lib/linnet.
1s|.*|-- What the service linnet reads, keeps and delivers. After an edit: `linnet check`; a running one\n-- takes it over by itself. linnet-config(5) has it all.|
s|^return {$|return {\n  -- What linnet remembers between runs.\n  state = "/var/lib/linnet",\n|
s|name one when you start linnet:|the service does not start.|
/linnet run -i posts.ndjson/d
s|"\.\./|"/var/lib/linnet/|g
s| -- paths are relative to this file||
s|-- store = linnet.sqlite {},|store = linnet.sqlite {},|
