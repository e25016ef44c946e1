#!/bin/sh
# Prints a table of what criterion measured last: median, and pods per second where a size is known.
# usage: table.sh CRITERION_FOLDER
set -eu
find "$1" -path '*/new/estimates.json' | sort | while read -r file; do
  name=$(dirname "$(dirname "$file")")
  name=${name#"$1"/}
  # The file is one line of JSON; the median's point estimate is in nanoseconds.
  ns=$(sed 's/.*"median":{[^}]*},"point_estimate":\([0-9.e+]*\).*/\1/' "$file")
  echo "$name $ns"
done | awk '{
  ns = $NF; $NF = ""; sub(/ +$/, "");
  if (ns >= 1e9) t = sprintf("%.2f s", ns / 1e9); else if (ns >= 1e6) t = sprintf("%.1f ms", ns / 1e6); else t = sprintf("%.1f us", ns / 1e3);
  printf "%-44s %12s\n", $0, t
}' | sort -V
