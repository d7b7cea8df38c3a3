#!/bin/sh
# Written by kafka-estate; changes made here are lost.
# The Kafka command line: a link with the name of a tool runs that tool, and adds the address of this host's cluster
# and how to log in there, unless an address is given. A login goes to no other address.
set -eu

# KAFKA_JAVA, KAFKA_CLIENT, KAFKA_LIBS, KAFKA_LOG4J, KAFKA_BOOTSTRAP_SERVERS, and KAFKA_ZOOKEEPER or, of Kafka 4, KAFKA_LINE
# and KAFKA_BOOTSTRAP_CONTROLLERS
# shellcheck source=/dev/null
. "${KAFKA_CLI_ENV:-/etc/kafka/cli.env}"

tool=$(basename "$0" .sh)
address=--bootstrap-server
servers=$KAFKA_BOOTSTRAP_SERVERS
login=--command-config

case $tool in
kafka-acls) main=kafka.admin.AclCommand ;;
kafka-broker-api-versions) main=kafka.admin.BrokerApiVersionsCommand ;;
kafka-cluster) main=org.apache.kafka.tools.ClusterTool login=--config ;;
kafka-configs) main=kafka.admin.ConfigCommand ;;
kafka-console-consumer) main=org.apache.kafka.tools.consumer.ConsoleConsumer login=--consumer.config ;;
kafka-console-producer) main=kafka.tools.ConsoleProducer login=--producer.config ;;
kafka-consumer-groups) main=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
kafka-consumer-perf-test) main=org.apache.kafka.tools.ConsumerPerformance login=--consumer.config ;;
kafka-delete-records) main=org.apache.kafka.tools.DeleteRecordsCommand ;;
kafka-dump-log) main=kafka.tools.DumpLogSegments address='' ;;
kafka-features) main=org.apache.kafka.tools.FeatureCommand ;;
kafka-get-offsets) main=org.apache.kafka.tools.GetOffsetShell ;;
kafka-leader-election) main=org.apache.kafka.tools.LeaderElectionCommand login=--admin.config ;;
kafka-log-dirs) main=org.apache.kafka.tools.LogDirsCommand ;;
kafka-metadata-quorum) main=org.apache.kafka.tools.MetadataQuorumCommand ;;
kafka-producer-perf-test)
    main=org.apache.kafka.tools.ProducerPerformance address=--producer-props servers=bootstrap.servers=$servers
    login=--producer.config
    ;;
kafka-reassign-partitions) main=org.apache.kafka.tools.reassign.ReassignPartitionsCommand ;;
kafka-topics) main=org.apache.kafka.tools.TopicCommand ;;
kafka-transactions) main=org.apache.kafka.tools.TransactionsCommand ;;
kafka-verifiable-consumer) main=org.apache.kafka.tools.VerifiableConsumer login=--consumer.config ;;
kafka-verifiable-producer) main=org.apache.kafka.tools.VerifiableProducer login=--producer.config ;;
zookeeper-shell)
    main=org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka address=-server servers=$KAFKA_ZOOKEEPER login=''
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

log4j=log4j.configuration
if [ "${KAFKA_LINE-3}" = 4 ]; then
    # Kafka 4 has Log4j 2, moved some tools and gives their logins one name.
    log4j=log4j2.configurationFile
    case $main in
    kafka.admin.AclCommand | kafka.admin.BrokerApiVersionsCommand) main=org.apache.kafka.tools.${main##*.} ;;
    kafka.tools.*) main=org.apache.kafka.tools.${main##*.} ;;
    esac
    case $login in
    --consumer.config | --producer.config | --admin.config) login=--command-config ;;
    esac
fi

for word in "$@"; do
    case $tool:$word in
    *:--bootstrap-server | *:--bootstrap-server=* | *:--bootstrap-controller | *:--bootstrap-controller=* | *:--broker-list | \
        *:--zookeeper | *:--zookeeper=* | *:--authorizer | *:--authorizer=* | *:--authorizer-properties* | \
        *:--help | *:--version | kafka-producer-perf-test:--producer* | zookeeper-shell:-server) address='' ;;
    *:"${login:-none}" | *:"${login:-none}"=*) login='' ;;
    *:--consumer.config | *:--producer.config | *:--admin.config) login='' ;;
    esac
done
if [ -n "$address" ] && [ -n "$login" ] && [ -n "${KAFKA_CLIENT-}" ] && [ -e "$KAFKA_CLIENT" ]; then
    if [ ! -r "$KAFKA_CLIENT" ]; then
        echo "$tool: this cluster wants a login, and you may not read $KAFKA_CLIENT: run it with sudo, join the file's group," \
            "or give $login with settings of your own" >&2
        exit 77
    fi
    if [ "$tool" = kafka-cluster ]; then
        set -- "$@" "$login" "$KAFKA_CLIENT"
    else
        set -- "$login" "$KAFKA_CLIENT" "$@"
    fi
fi
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
    "-D$log4j=file:$KAFKA_LOG4J" ${KAFKA_OPTS-} -cp "$KAFKA_LIBS" "$main" "$@"
