#!/bin/sh
# Written by kafka-estate; changes made here are lost.
# The Kafka command line: a link with the name of a tool runs that tool, and adds the address of this host's cluster
# unless an address is given.
set -eu

# KAFKA_JAVA, KAFKA_LIBS, KAFKA_LOG4J, KAFKA_BOOTSTRAP_SERVERS, KAFKA_ZOOKEEPER
# shellcheck source=/dev/null
. "${KAFKA_CLI_ENV:-/etc/kafka/cli.env}"

tool=$(basename "$0" .sh)
address=--bootstrap-server
servers=$KAFKA_BOOTSTRAP_SERVERS

case $tool in
kafka-acls) main=kafka.admin.AclCommand ;;
kafka-broker-api-versions) main=kafka.admin.BrokerApiVersionsCommand ;;
kafka-cluster) main=org.apache.kafka.tools.ClusterTool ;;
kafka-configs) main=kafka.admin.ConfigCommand ;;
kafka-console-consumer) main=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
kafka-console-producer) main=kafka.tools.ConsoleProducer ;;
kafka-consumer-groups) main=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
kafka-consumer-perf-test) main=org.apache.kafka.tools.ConsumerPerformance ;;
kafka-delete-records) main=org.apache.kafka.tools.DeleteRecordsCommand ;;
kafka-dump-log) main=kafka.tools.DumpLogSegments address='' ;;
kafka-features) main=org.apache.kafka.tools.FeatureCommand ;;
kafka-get-offsets) main=org.apache.kafka.tools.GetOffsetShell ;;
kafka-leader-election) main=org.apache.kafka.tools.LeaderElectionCommand ;;
kafka-log-dirs) main=org.apache.kafka.tools.LogDirsCommand ;;
kafka-producer-perf-test)
    main=org.apache.kafka.tools.ProducerPerformance address=--producer-props servers=bootstrap.servers=$servers
    ;;
kafka-reassign-partitions) main=org.apache.kafka.tools.reassign.ReassignPartitionsCommand ;;
kafka-topics) main=org.apache.kafka.tools.TopicCommand ;;
kafka-transactions) main=org.apache.kafka.tools.TransactionsCommand ;;
kafka-verifiable-consumer) main=org.apache.kafka.tools.VerifiableConsumer ;;
kafka-verifiable-producer) main=org.apache.kafka.tools.VerifiableProducer ;;
zookeeper-shell)
    main=org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka address=-server servers=$KAFKA_ZOOKEEPER
    case ${1-} in
    -server) ;;
    *:*) set -- -server "$@" ;;
    esac
    ;;
*)
    echo "$tool: not a tool of Kafka's command line" >&2
    exit 64
    ;;
esac

for word in "$@"; do
    case $tool:$word in
    *:--bootstrap-server | *:--bootstrap-server=* | *:--bootstrap-controller | *:--bootstrap-controller=* | *:--broker-list | \
        *:--zookeeper | *:--zookeeper=* | *:--authorizer | *:--authorizer=* | *:--authorizer-properties* | \
        *:--help | *:--version | kafka-producer-perf-test:--producer* | zookeeper-shell:-server) address='' ;;
    esac
done
if [ -n "$address" ]; then
    # Options of this one belong behind its command.
    if [ "$tool" = kafka-cluster ]; then
        set -- "$@" "$address" "$servers"
    else
        set -- "$address" "$servers" "$@"
    fi
fi

# shellcheck disable=SC2086 # options are words
exec "$KAFKA_JAVA" ${KAFKA_HEAP_OPTS:--Xmx256m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    "-Dlog4j.configuration=file:$KAFKA_LOG4J" ${KAFKA_OPTS-} -cp "$KAFKA_LIBS" "$main" "$@"
