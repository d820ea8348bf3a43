#!/bin/bash
# tools/with_kafka.sh COMMAND...: runs COMMAND beside a real Kafka 4.1 on free ports of 127.0.0.1 and
# ends the broker, and deletes its data, when the command ends. The command finds in its environment:
#
#   RHEI_KAFKA           host:port, plain
#   RHEI_KAFKA_TLS       host:port, SASL_SSL (PLAIN and SCRAM-SHA-256)
#   RHEI_KAFKA_CA        the PEM file that signs the TLS listener's certificate
#   RHEI_KAFKA_USER, RHEI_KAFKA_PASSWORD
#   RHEI_KAFKA_PID_FILE  holds the process of the broker, for tests that stop it (SIGSTOP, SIGCONT)
#   RHEI_KAFKA_TOOL      prefix of a class of Kafka's own tools, e.g.
#                        $RHEI_KAFKA_TOOL TopicCommand --bootstrap-server $RHEI_KAFKA --list
#   RHEI_KAFKA_RESTART   a command that ends the broker and starts it anew with the same data and ports
#
# The jars (54 MB) come from Maven once, into ${XDG_CACHE_HOME:-~/.cache}/rhei-kafka.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

if [ "${1:-}" = --restart ]; then # What RHEI_KAFKA_RESTART calls.
  here=$2
else
  here=$(mktemp -d "${TMPDIR:-/tmp}/rhei-kafka.XXXXXX")
  trap 'stop_broker; rm -rf "$here"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
fi
lib=${XDG_CACHE_HOME:-$HOME/.cache}/rhei-kafka/4.1.0

stop_broker() {
  [ -s "$here/pid" ] || return 0
  local pid
  pid=$(<"$here/pid")
  kill -CONT "$pid" 2>/dev/null || true
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

start_broker() {
  setsid java -Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dlog4j2.level=WARN -cp "$lib/*" \
    kafka.Kafka "$here/server.properties" >>"$here/broker.log" 2>&1 </dev/null &
  echo $! >"$here/pid"
  local port
  port=$(<"$here/port")
  for _ in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
    kill -0 "$(<"$here/pid")" 2>/dev/null || break
    sleep 0.1
  done
  tail -30 "$here/broker.log" >&2
  echo "with_kafka: the broker did not start" >&2
  return 1
}

if [ "${1:-}" = --restart ]; then
  stop_broker
  start_broker
  exit 0
fi

if [ ! -d "$lib" ]; then
  mkdir -p "$(dirname "$lib")"
  fetched=$(mktemp -d "$lib.XXXXXX")
  mvn -q -B -f "$root/tests/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory="$fetched" >"$here/mvn.log" 2>&1 || {
    tail -5 "$here/mvn.log" >&2
    rm -rf "$fetched"
    echo "with_kafka: Maven could not fetch Kafka" >&2
    exit 1
  }
  mv -T "$fetched" "$lib" 2>/dev/null || rm -rf "$fetched" # Another run may have been faster.
fi

read -r port tls_port controller_port < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))')
echo "$port" >"$here/port"
password=rhei-secret

# A certificate of our own authority, for 127.0.0.1 and localhost.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rhei-test-ca \
  -keyout "$here/ca.key" -out "$here/ca.pem" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$here/server.key" -out "$here/server.csr" 2>/dev/null
openssl x509 -req -in "$here/server.csr" -CA "$here/ca.pem" -CAkey "$here/ca.key" -CAcreateserial -days 2 \
  -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$here/server.crt" 2>/dev/null
cat "$here/server.key" "$here/server.crt" "$here/ca.pem" >"$here/server.pem"

cat >"$here/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,SASL_SSL://127.0.0.1:$tls_port,CONTROLLER://127.0.0.1:$controller_port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_rhei="$password";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location=$here/server.pem
log.dirs=$here/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
PROPERTIES
java -Xmx128m -XX:TieredStopAtLevel=1 -cp "$lib/*" kafka.tools.StorageTool format --standalone \
  -t "$(head -c 16 /dev/urandom | base64 | tr '+/' 'ab' | tr -d =)" -c "$here/server.properties" \
  --add-scram "SCRAM-SHA-256=[name=rhei,password=$password]" >"$here/format.log" 2>&1 || {
  tail -5 "$here/format.log" >&2
  exit 1
}
start_broker

cat >"$here/tool" <<TOOL
#!/bin/bash
class=\$1; shift
exec java -Xmx128m -XX:TieredStopAtLevel=1 -Dlog4j2.level=ERROR -cp "$lib/*" "org.apache.kafka.tools.\$class" "\$@"
TOOL
chmod +x "$here/tool"
export RHEI_KAFKA=127.0.0.1:$port RHEI_KAFKA_TLS=127.0.0.1:$tls_port RHEI_KAFKA_CA=$here/ca.pem
export RHEI_KAFKA_USER=rhei RHEI_KAFKA_PASSWORD=$password RHEI_KAFKA_PID_FILE=$here/pid
export RHEI_KAFKA_TOOL=$here/tool RHEI_KAFKA_RESTART="$root/tools/with_kafka.sh --restart $here"
code=0
"$@" || code=$?
exit $code
