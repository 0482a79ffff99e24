#!/usr/bin/env bash
# Embeds tables on a Flink cluster of several processes while some of them are killed, and compares all that comes out
# with what Beam's own runner makes of the same tables.
#
#   siamese/beam/testdata/flink.sh CACHE [RUN...]     RUN: whole worker manager (default: all three)
#
# whole   nothing is killed
# worker  a worker process gets SIGKILL when the first shards are there
# manager a task manager gets SIGKILL then; the other one goes on alone
#
# CACHE is a folder for the jars (350 MB, from Maven Central), programs and tables (0.7 GB); it may be used again. Wants
# bash, curl, go, java 17, mvn and 6 GB of memory. Everything listens on 127.0.0.1, and nothing is left running.
set -euo pipefail
export LC_ALL=C

beam=2.62.0 # the newest whose runner for Flink 1.19 and job service are both on Maven Central
flink=1.19.0
tables=6 # of 20,000 items in two groups of rows each

usage="usage: flink.sh CACHE [whole|worker|manager]..."
cache=${1:?$usage}
shift
[ $# -gt 0 ] || set -- whole worker manager
for run in "$@"; do
  case $run in
  whole | worker | manager) ;;
  *) echo "no run is called $run; $usage" >&2 && exit 2 ;;
  esac
done
module=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$cache/run-$$
mkdir "$work"
touch "$work/begun"

groups=() # leaders of the process groups that run
stop() { # ends them all, and what they have started
  local id
  for id in "${groups[@]}"; do kill -TERM -- "-$id" 2>/dev/null || true; done
  for _ in $(seq 50); do
    for id in "${groups[@]}"; do kill -0 -- "-$id" 2>/dev/null && sleep 0.1 && continue 2; done
    break
  done
  for id in "${groups[@]}"; do
    kill -KILL -- "-$id" 2>/dev/null || true
    wait "$id" 2>/dev/null || true
  done
  groups=()
}
end() {
  local status=$? dir
  stop
  for dir in /tmp/bin*; do # boot puts programs there, and removes none
    if [ "$dir" -nt "$work/begun" ] && cmp -s "$dir/worker" "$cache/siamese-beam"; then rm -r "$dir"; fi
  done
  if [ "$status" -eq 0 ]; then rm -rf "$work"; else echo "failed: the logs are in $work" >&2; fi
}
trap end EXIT
trap 'exit 130' INT TERM

start() { # start LOG COMMAND...: in the background, as the leader of a process group of its own
  local log=$1
  shift
  setsid "$@" >"$log" 2>&1 </dev/null &
  groups+=("$!")
}

until_true() { # until_true SECONDS WHAT COMMAND...
  local seconds=$1 what=$2 begun=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $((SECONDS - begun)) -ge "$seconds" ]; then
      echo "no $what after $seconds seconds" >&2
      return 1
    fi
    sleep 0.1
  done
}

free() { # prints a port that nobody listens on
  local port
  while port=$((20000 + RANDOM % 12000)) && (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

cpu() { # sets seconds to the CPU seconds of all processes that this shell has waited for
  times >"$work/times" # in no subshell, which would count its own
  seconds=$(awk 'NR == 2 { split($1 "m" $2, t, "[ms]+"); printf "%d", 60 * (t[1] + t[3]) + t[2] + t[4] }' "$work/times")
}

# The jars. Beam's come with the job, as on any cluster; the cluster has Flink's alone.
fetch() { # fetch FOLDER SHA256-OF-THE-LIST-OF-SUMS GROUP:ARTIFACT:VERSION...
  local dir=$cache/$1 want=$2 have part names
  shift 2
  if [ ! -d "$dir" ]; then
    {
      echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
      echo '<groupId>local</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>'
      echo '<dependencies>'
      for part in "$@"; do
        IFS=: read -ra names <<<"$part"
        echo "<dependency><groupId>${names[0]}</groupId><artifactId>${names[1]}</artifactId>"
        echo "<version>${names[2]}</version></dependency>"
      done
      echo '</dependencies></project>'
    } >"$work/pom.xml"
    rm -rf "$dir.part"
    (cd "$work" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$dir.part" >&2)
    mv "$dir.part" "$dir"
  fi
  have=$(cd "$dir" && sha256sum -- *.jar | sha256sum | cut -d ' ' -f 1)
  if [ "$have" != "$want" ]; then
    echo "the list of the sums of $dir/*.jar has the sum $have, not $want: remove the folder, and try again" >&2
    return 1
  fi
}
fetch beam e3756fbe6cbcd86afbdc9edc4e9f7aea7d94d0419933a18a6685f91290722dab \
  "org.apache.beam:beam-runners-flink-1.19:$beam" org.slf4j:slf4j-simple:1.7.30
fetch flink 80442b8eb7b0a7cf69cd5e5ff10bef5b5b998602085c06c49ad712b83cf385ed \
  "org.apache.flink:flink-clients:$flink" "org.apache.flink:flink-runtime:$flink" org.slf4j:slf4j-simple:1.7.36

# The programs: siamese-beam, which is the worker too, and Beam's boot, which fetches the worker from the job server.
(cd "$module/../.." && go build -o "$cache/siamese" ./siamese/cmd/siamese)
(cd "$module" && go build -o "$cache/siamese-beam" ./cmd/siamese-beam &&
  go build -o "$cache/boot" github.com/apache/beam/sdks/v2/go/container)
cat >"$work/worker.sh" <<END
#!/bin/sh
# Workers of one machine must not share the folders in which boot puts the program and its options: it writes in place.
dir=\$(mktemp -d "$work/worker-XXXXXX") && cd "\$dir" && exec "$cache/boot" --semi_persist_dir="\$dir" "\$@"
END
chmod +x "$work/worker.sh"

# The tables and the model.
if [ ! -f "$cache/m.safetensors" ]; then
  "$cache/siamese" train --epochs=1 --out="$cache/m.safetensors" builtin:50 >"$work/train.log" 2>&1
fi
if [ ! -f "$cache/items-$tables.parquet" ]; then
  "$cache/siamese" features --out="$cache/all.parquet" builtin >"$work/features.log" 2>&1
  for k in $(seq "$tables"); do cp "$cache/all.parquet" "$cache/items-$k.parquet"; done
  rm "$cache/all.parquet"
fi
inputs=("$cache"/items-*.parquet)

opens=()
for part in lang lang.reflect io net nio text time util util.concurrent util.concurrent.atomic util.concurrent.locks; do
  opens+=("--add-opens=java.base/java.$part=ALL-UNNAMED") # as Flink's own start scripts do
done
jvm() { # jvm LOG MEGABYTES FOLDER-OF-JARS CLASS ARGUMENTS...
  local log=$1 most=$2 jars=$3
  shift 3
  start "$log" java "-Xmx${most}m" -XX:+UseSerialGC "${opens[@]}" -Djava.io.tmpdir="$work" \
    -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$cache/$jars/*" "$@"
}

cluster() { # starts a job manager, two task managers of two slots each, and a job server
  local k rpc
  mkdir "$work/conf"
  rpc=$(free)
  rest=$(free)
  jobs=$(free)
  cat >"$work/conf/config.yaml" <<END
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: $rpc
jobmanager.bind-host: 127.0.0.1
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: $rest
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
taskmanager.numberOfTaskSlots: 2
taskmanager.cpu.cores: 1
taskmanager.memory.framework.heap.size: 64m
taskmanager.memory.framework.off-heap.size: 64m
taskmanager.memory.task.heap.size: 192m
taskmanager.memory.task.off-heap.size: 0m
taskmanager.memory.managed.size: 64m
taskmanager.memory.network.min: 32m
taskmanager.memory.network.max: 32m
taskmanager.memory.jvm-metaspace.size: 192m
taskmanager.memory.jvm-overhead.min: 128m
taskmanager.memory.jvm-overhead.max: 128m
cluster.evenly-spread-out-slots: true
io.tmp.dirs: $work
heartbeat.interval: 2000
heartbeat.timeout: 10000
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 10
restart-strategy.fixed-delay.delay: 1 s
END
  jvm "$work/jobmanager.log" 256 flink org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint \
    --configDir "$work/conf"
  managers=()
  for k in 1 2; do
    jvm "$work/taskmanager-$k.log" 256 flink org.apache.flink.runtime.taskexecutor.TaskManagerRunner \
      --configDir "$work/conf" -D "taskmanager.resource-id=manager-$k"
    managers+=("${groups[-1]}")
  done
  jvm "$work/jobserver.log" 512 beam org.apache.beam.runners.flink.FlinkJobServerDriver \
    --flink-master="127.0.0.1:$rest" --job-host=127.0.0.1 --job-port="$jobs" --artifact-port=0 --expansion-port=0 \
    --artifacts-dir="$work/staged"
  until_true 300 "two task managers" two_managers
  until_true 300 "job server" listens "$jobs"
}
two_managers() { curl -sf "http://127.0.0.1:$rest/overview" | grep -q '"taskmanagers":2,'; }
listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
workers() { pgrep -g "$1" -f -- '/worker --worker=true'; } # of a task manager
both_work() { workers "${managers[0]}" && workers "${managers[1]}"; }
some_shards() { [ "$(shards "$1")" -ge 3 ]; }
shards() { find "$1" -name '*.note.json' | wc -l; }

embed() { "$cache/siamese-beam" embed --model "$cache/m.safetensors" --out "$@" "${inputs[@]}"; }

by_flink() { # by_flink RUN: embeds by Flink, while what the run says is killed
  local run=$1 out=$work/$1 before client at=- victim
  cpu && before=$seconds
  cluster
  start "$work/client-$run.log" timeout 1200 "$cache/siamese-beam" embed --model "$cache/m.safetensors" --out "$out" \
    --runner flink --endpoint "127.0.0.1:$jobs" --parallelism 2 --worker_binary "$cache/siamese-beam" \
    --environment_type PROCESS --environment_config "{\"command\":\"$work/worker.sh\"}" "${inputs[@]}"
  client=${groups[-1]}
  if [ "$run" != whole ]; then
    until_true 300 "worker of both task managers" both_work
    until_true 300 "three shards" some_shards "$out"
    case $run in
    worker) victim=$(workers "${managers[0]}" | head -n 1) ;;
    manager) victim=${managers[0]} ;;
    esac
    kill -KILL "$victim"
    at=$(shards "$out")
    if [ "$run" = manager ]; then wait "$victim" 2>/dev/null || true; fi # or bash tells of it
  fi
  if ! wait "$client"; then
    tail -n 40 "$work/client-$run.log" >&2
    return 1
  fi
  tail -n 1 "$work/client-$run.log"
  local restarts
  restarts=$(grep -c 'switched from state RUNNING to RESTARTING' "$work/jobmanager.log" || true)
  stop
  cpu
  echo "$run: killed after $at of $(shards "$out") shards; $restarts restarts; $((seconds - before)) CPU s in all"
  if [ "$run" != whole ] && [ "$restarts" -lt 1 ]; then
    echo "$run: nothing was restarted, so that nothing was shown" >&2
    return 1
  fi
  mkdir "$work/logs-$run"
  mv "$work"/*.log "$work/conf" "$work/logs-$run/"
}

rows() { # prints names, rows and sums of a manifest; whether a shard was kept goes by what was killed when
  tr -d ' \n' <"$1/manifest.json" | sed 's/,"Kept":\(true\|false\)//g'
}
hidden() { find "$1" -path '*/.*' -type f -printf '%s\n' | awk '{ s += $1 } END { printf "%.0f", s / 1e6 }'; }
same() { # same A B: nothing lost, nothing doubled, not a byte else
  diff <(rows "$1") <(rows "$2")
  diff <(ls "$1") <(ls "$2")
  local shard
  for shard in "$1"/*.parquet; do cmp "$shard" "$2/${shard##*/}"; done
  echo "${2##*/}: the manifest and $(find "$2" -name '*.parquet' | wc -l) shards are those of prism;" \
    "$(find "$2" -mindepth 1 -name '.*' | wc -l) hidden files and folders of killed workers are left, $(hidden "$2") MB"
}

cpu && before=$seconds
embed "$work/prism" 2>"$work/prism.log"
cpu && echo "prism: $((seconds - before)) CPU s"
grep -q "\"rows\": $((tables * 20000))," "$work/prism/manifest.json"
for run in "$@"; do
  by_flink "$run"
  same "$work/prism" "$work/$run"
done
