"""Every word of the report and of the pictures, in each language: one table, the same keys in all of them.

A value with ``|`` has a form for one and a form for any other number.  ``FINDINGS_KO`` has what health says, by code,
``ACTIONS_KO`` what the toolkit's alerts say is to be done first, by the English sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.health.findings import Finding
from ansible_collections.estate.kafka.plugins.module_utils.text import MOST

LANGUAGES = ("en", "ko")


class Words(dict[str, str]):
    """The words of one language."""

    def __init__(self, language: str, table: Mapping[str, str]) -> None:
        super().__init__(table)
        self.language = language

    def count(self, number: int, key: str) -> str:
        """Return a number with its noun: '1 broker' or '3 brokers'."""
        forms = self[key].split("|")
        return (forms[0] if number == 1 else forms[-1]).format(n=f"{number:,}")

    def component(self, name: str) -> str:
        """Return the name of a component as people say it."""
        return self.get(f"component_{name}") or name.replace("_", " ").capitalize()

    def action(self, sentence: str) -> str:
        """Return what an alert says is to be done first; a sentence that the table does not have stays as it is."""
        return sentence if self.language == "en" else ACTIONS_KO.get(sentence, sentence)

    def finding(self, found: Finding) -> str:
        """Return the sentence of a finding of health."""
        if self.language == "en":
            return str(found)
        return FINDINGS_KO[found.code].format(**{name: self._value(value) for name, value in found.values.items()})

    def _value(self, value: Any) -> str:
        if isinstance(value, (list, tuple)):
            more = len(value) - MOST
            return ", ".join(map(str, value[:MOST])) + (f" 외 {more}개" if more > 0 else "")
        return ERRORS_KO.get(str(value), str(value))


EN = {
    # What the picture says.
    "hosts": "{n} host|{n} hosts",
    "clusters": "{n} cluster|{n} clusters",
    "ensembles": "{n} ZooKeeper ensemble|{n} ZooKeeper ensembles",
    "brokers": "{n} broker|{n} brokers",
    "zookeeper_servers": "{n} ZooKeeper server|{n} ZooKeeper servers",
    "names_end": "names end in {suffix}",
    "cluster": "Cluster {name}",
    "cluster_note_kraft": "{brokers} · controllers {controllers} · replication {replication}, in sync {in_sync}",
    "cluster_note": "{brokers} · chroot {chroot} of ensemble {ensemble} · replication {replication}, in sync {in_sync}",
    "ensemble": "Ensemble {name}",
    "outside": "outside of this inventory",
    "other_hosts": "Other hosts",
    "flow": "MirrorMaker 2 in Kafka Connect ({group})",
    "flow_note": "reads {source} (upstream), writes {target} (downstream)",
    "mark_ok": "well",
    "mark_warn": "needs attention",
    "mark_bad": "broken",
    "mark_unknown": "not known",
    "component_zookeeper": "ZooKeeper",
    "component_kafka_controller": "Controllers",
    "component_kafka_broker": "Kafka broker",
    "component_schema_registry": "Schema Registry",
    "component_kafka_connect": "Kafka Connect",
    "component_elasticsearch": "Elasticsearch",
    "component_jmx_exporter": "JMX exporter",
    "component_cmak": "CMAK",
    "component_akhq": "AKHQ",
    "component_node_exporter": "Node exporter",
    "component_kafka_exporter": "Kafka exporter",
    "component_elasticsearch_exporter": "Elasticsearch exporter",
    "component_blackbox_exporter": "Blackbox exporter",
    "component_prometheus": "Prometheus",
    "component_alertmanager": "Alertmanager",
    "component_grafana": "Grafana",
    "component_kibana": "Kibana",
    # How something is.
    "no_answer": "no answer",
    "unreachable": "cannot be reached",
    "not_asked": "not asked",
    "left_out": "left out",
    "not_installed": "not installed",
    "no_metrics": "no metrics",
    "not_in_cluster": "not in cluster",
    "nobody_answers": "nobody answers",
    "brokers_of": "{live} of {all} brokers",
    "in_sync": "all replicas in sync",
    "offline": "{n} partition without a leader|{n} partitions without a leader",
    "under_min_isr": "{n} partition below min.insync.replicas|{n} partitions below min.insync.replicas",
    "under_replicated": "{n} partition under-replicated|{n} partitions under-replicated",
    "too_few_replicas": "{n} partition with fewer replicas than writes need|{n} partitions with fewer replicas than writes need",
    "running": "running",
    "paused": "paused",
    "stopped": "stopped",
    "failed": "failed",
    "unassigned": "not assigned",
    "restarting": "restarting",
    "connector_missing": "the connector is missing",
    "tasks_of": "{running} of {all} tasks",
    "behind": "{n} record behind|{n} records behind",
    "heartbeat": "last heartbeat {age} ago",
    # The page.
    "title": "Kafka estate",
    "written": "Written {time}",
    "period": "plots over the last {time}",
    "well": "All is well.",
    "well_asked": "What was asked is well.",
    "well_firing": "What was asked is well, but {n} alert fires.|What was asked is well, but {n} alerts fire.",
    "problems": "{n} problem|{n} problems",
    "not_asked_hosts": "Not asked in this run: {hosts}.",
    "estate": "The estate",
    "alerts": "Alerts",
    "no_alerts": "No alert is pending or firing.",
    "alert": "Alert",
    "severity": "Severity",
    "since": "Since",
    "what": "What",
    "state": "State",
    "firing": "firing",
    "pending": "pending",
    "critical": "critical",
    "warning": "warning",
    "info": "information",
    "runbook": "Runbook",
    "alerts_unknown": "Alerts are not known: {reason}",
    "controller": "Controller",
    "topics": "Topics",
    "partitions": "Partitions",
    "replicas": "Replicas",
    "leaders": "Leaders",
    "size": "Size",
    "broker": "Broker",
    "host": "Host",
    "rack": "Rack",
    "topic": "Topic",
    "replication": "Replication",
    "out_of_sync": "Out of sync",
    "leaderless": "Leaderless",
    "records": "Records",
    "records_note": "Records are the offsets between the first and the last: compaction and transactions make them fewer.",
    "more_topics": "{n} more topic|{n} more topics",
    "internal_topics": "{n} internal topic|{n} internal topics",
    "no_topics": "No topics.",
    "groups": "Consumer groups",
    "group": "Group",
    "members": "Members",
    "lag": "Lag",
    "lag_by_topic": "Lag by topic",
    "no_groups": "No consumer group has committed an offset.",
    "more_groups": "{n} more group|{n} more groups",
    "group_stable": "working",
    "group_empty": "no members",
    "group_dead": "gone",
    "group_rebalancing": "rebalancing",
    "details_unknown": "What this cluster holds is not known: {reason}",
    "mirrors": "Mirrors",
    "mirror": "Mirror",
    "from_to": "From, to",
    "tasks": "Tasks",
    "delay": "Delay",
    "plots": "Over time",
    "plots_unknown": "There are no plots: {reason}",
    "no_prometheus": "this inventory has no Prometheus.",
    "prometheus_not_asked": "the host of Prometheus was not asked or cannot be reached.",
    "prometheus_error": "Prometheus does not answer: {error}",
    "no_data": "Prometheus has no data of this time for: {plots}.",
    "plot_error": "Prometheus refused the question: {error}",
    "more_series": "{n} more is not drawn|{n} more are not drawn",
    "now": "last value",
    "versions": "Versions",
    "component": "Component",
    "version": "Version",
    "on_hosts": "On",
    "system": "Operating system",
    "no_versions": "No host told its versions.",
    "different": "different versions",
    "footer": "Read only, from the services themselves. Passwords and settings are not part of this page.",
    "yes": "yes",
    "no": "no",
    "unknown": "-",
    # Figures at the top.
    "tile_hosts": "Hosts that answer",
    "tile_brokers": "Brokers of {name}",
    "tile_lag": "Largest lag",
    "tile_mirror": "Delay of {name}",
    "tile_alerts": "Alerts firing",
    "tile_size": "On disk, all replicas",
    "pending_of": "{n} pending|{n} pending",
    "partitions_of": "{n} partition|{n} partitions",
    # Services beside the clusters.
    "services": "Services",
    "answer": "Answer",
    "leader": "leader {host}",
    "no_leader": "no leader among those that answer",
    "subjects": "{n} subject|{n} subjects",
    "documents": "{n} document|{n} documents",
    "no_connectors": "no connectors",
    "targets_of": "{up} of {all} targets answer",
    "internal_groups": "{n} group of the registry and of Connect|{n} groups of the registry and of Connect",
    "newest": "Last record",
    "last_heartbeat": "Last heartbeat",
    "records_behind": "Records behind",
    "missing": "Not on the target yet",
    "delay_note": "Delay: how much older the newest record of the target is than that of the source, for the slowest topic. "
    "Records behind: as Connect has noted it, which may lag what has been copied by a minute.",
    "on_all": "all hosts",
    "more_alerts": "{n} more alert|{n} more alerts",
    "more_brokers": "{n} more broker|{n} more brokers",
    # Units of time.
    "minutes": "{n} minute|{n} minutes",
    "one_hours": "{n} hour|{n} hours",
    "days": "{n} day|{n} days",
    # Plots.
    "plot_messages": "Records written per second",
    "plot_bytes_in": "Bytes written per second",
    "plot_bytes_out": "Bytes read per second",
    "plot_under_replicated": "Under-replicated partitions",
    "plot_produce": "Time of a produce request, 99th percentile",
    "plot_handlers": "Request handlers idle, the busiest broker",
    "plot_lag": "Consumer lag in records",
    "plot_mirror_delay": "Mirror delay",
    "plot_mirror_rate": "Records mirrored per second",
    "plot_size": "Size of the logs",
    "plot_cpu": "Processor in use",
    "plot_memory": "Memory in use",
    "plot_disk": "Fullest disk",
}

KO = {
    "hosts": "호스트 {n}대",
    "clusters": "클러스터 {n}개",
    "ensembles": "주키퍼 앙상블 {n}개",
    "brokers": "브로커 {n}대",
    "zookeeper_servers": "주키퍼 서버 {n}대",
    "names_end": "이름 끝 {suffix}",
    "cluster": "클러스터 {name}",
    "cluster_note_kraft": "{brokers} · 컨트롤러 {controllers} · 복제 {replication}, 최소 동기화 {in_sync}",
    "cluster_note": "{brokers} · 앙상블 {ensemble}, chroot {chroot} · 복제 {replication}, 최소 동기화 {in_sync}",
    "ensemble": "앙상블 {name}",
    "outside": "이 인벤토리 밖의 클러스터",
    "other_hosts": "그 밖의 호스트",
    "flow": "미러메이커 2, Kafka Connect ({group})",
    "flow_note": "{source} (업스트림) 읽기, {target} (다운스트림) 쓰기",
    "mark_ok": "정상",
    "mark_warn": "확인 필요",
    "mark_bad": "장애",
    "mark_unknown": "알 수 없음",
    "component_zookeeper": "주키퍼",
    "component_kafka_controller": "컨트롤러",
    "component_kafka_broker": "카프카 브로커",
    "component_schema_registry": "스키마 레지스트리",
    "component_kafka_connect": "카프카 커넥트",
    "component_elasticsearch": "엘라스틱서치",
    "component_jmx_exporter": "JMX 익스포터",
    "component_cmak": "CMAK",
    "component_akhq": "AKHQ",
    "component_node_exporter": "노드 익스포터",
    "component_kafka_exporter": "카프카 익스포터",
    "component_elasticsearch_exporter": "엘라스틱서치 익스포터",
    "component_blackbox_exporter": "블랙박스 익스포터",
    "component_prometheus": "프로메테우스",
    "component_alertmanager": "얼럿매니저",
    "component_grafana": "그라파나",
    "component_kibana": "키바나",
    "no_answer": "응답 없음",
    "unreachable": "접속 불가",
    "not_asked": "확인 안 함",
    "left_out": "설치 제외",
    "not_installed": "설치 안 됨",
    "no_metrics": "메트릭 없음",
    "not_in_cluster": "클러스터에 없음",
    "nobody_answers": "응답하는 브로커 없음",
    "brokers_of": "브로커 {all}대 중 {live}대",
    "in_sync": "모든 복제본 동기화됨",
    "offline": "리더 없는 파티션 {n}개",
    "under_min_isr": "min.insync.replicas 미달 파티션 {n}개",
    "under_replicated": "복제 부족 파티션 {n}개",
    "too_few_replicas": "쓰기에 필요한 수보다 복제본이 적은 파티션 {n}개",
    "running": "실행 중",
    "paused": "일시 정지",
    "stopped": "중지됨",
    "failed": "실패",
    "unassigned": "미할당",
    "restarting": "재시작 중",
    "connector_missing": "커넥터 없음",
    "tasks_of": "태스크 {all}개 중 {running}개",
    "behind": "{n}건 밀림",
    "heartbeat": "마지막 하트비트 {age} 전",
    "title": "카프카 시스템 현황",
    "written": "작성 {time}",
    "period": "그래프 기간: 최근 {time}",
    "well": "모두 정상입니다.",
    "well_asked": "확인한 것은 모두 정상입니다.",
    "well_firing": "확인한 것은 모두 정상이지만 경보 {n}개가 울리고 있습니다.",
    "problems": "문제 {n}건",
    "not_asked_hosts": "이번 실행에서 확인하지 않은 호스트: {hosts}.",
    "estate": "전체 구성",
    "alerts": "알림",
    "no_alerts": "대기 중이거나 발생한 알림이 없습니다.",
    "alert": "알림",
    "severity": "심각도",
    "since": "시작",
    "what": "내용",
    "state": "상태",
    "firing": "발생",
    "pending": "대기",
    "critical": "심각",
    "warning": "경고",
    "info": "정보",
    "runbook": "런북",
    "alerts_unknown": "알림을 알 수 없습니다: {reason}",
    "controller": "컨트롤러",
    "topics": "토픽",
    "partitions": "파티션",
    "replicas": "복제본",
    "leaders": "리더",
    "size": "크기",
    "broker": "브로커",
    "host": "호스트",
    "rack": "랙",
    "topic": "토픽",
    "replication": "복제 계수",
    "out_of_sync": "동기화 안 됨",
    "leaderless": "리더 없음",
    "records": "레코드",
    "records_note": "레코드 수는 처음과 마지막 오프셋의 차이입니다. 압축(compaction)과 트랜잭션이 있으면 실제는 더 적습니다.",
    "more_topics": "토픽 {n}개 더 보기",
    "internal_topics": "내부 토픽 {n}개",
    "no_topics": "토픽이 없습니다.",
    "groups": "컨슈머 그룹",
    "group": "그룹",
    "members": "멤버",
    "lag": "지연(lag)",
    "lag_by_topic": "토픽별 지연",
    "no_groups": "오프셋을 커밋한 컨슈머 그룹이 없습니다.",
    "more_groups": "그룹 {n}개 더 보기",
    "group_stable": "동작 중",
    "group_empty": "멤버 없음",
    "group_dead": "사라짐",
    "group_rebalancing": "리밸런싱",
    "details_unknown": "이 클러스터의 내용을 알 수 없습니다: {reason}",
    "mirrors": "미러링",
    "mirror": "미러",
    "from_to": "원본, 대상",
    "tasks": "태스크",
    "delay": "지연 시간",
    "plots": "시간에 따른 변화",
    "plots_unknown": "그래프가 없습니다: {reason}",
    "no_prometheus": "이 인벤토리에 프로메테우스가 없습니다.",
    "prometheus_not_asked": "프로메테우스 호스트를 확인하지 않았거나 접속할 수 없습니다.",
    "prometheus_error": "프로메테우스가 응답하지 않습니다: {error}",
    "no_data": "이 기간의 데이터가 프로메테우스에 없는 그래프: {plots}.",
    "plot_error": "프로메테우스가 질의를 거절했습니다: {error}",
    "more_series": "그리지 않은 것 {n}개",
    "now": "마지막 값",
    "versions": "버전",
    "component": "구성 요소",
    "version": "버전",
    "on_hosts": "호스트",
    "system": "운영체제",
    "no_versions": "버전을 알려 준 호스트가 없습니다.",
    "different": "서로 다른 버전",
    "footer": "각 서비스에 직접 물어 읽기만 했습니다. 비밀번호와 설정값은 이 문서에 없습니다.",
    "yes": "예",
    "no": "아니요",
    "unknown": "-",
    "tile_hosts": "응답한 호스트",
    "tile_brokers": "{name} 브로커",
    "tile_lag": "가장 큰 지연(lag)",
    "tile_mirror": "{name} 지연 시간",
    "tile_alerts": "발생한 알림",
    "tile_size": "디스크 사용, 모든 복제본",
    "pending_of": "대기 {n}건",
    "partitions_of": "파티션 {n}개",
    "services": "서비스",
    "answer": "응답",
    "leader": "리더 {host}",
    "no_leader": "응답한 서버 중 리더 없음",
    "subjects": "서브젝트 {n}개",
    "documents": "문서 {n}건",
    "no_connectors": "커넥터 없음",
    "targets_of": "수집 대상 {all}개 중 {up}개 응답",
    "internal_groups": "레지스트리와 커넥트의 그룹 {n}개",
    "newest": "마지막 레코드",
    "last_heartbeat": "마지막 하트비트",
    "records_behind": "밀린 레코드",
    "missing": "대상에 아직 없는 토픽",
    "delay_note": "지연 시간: 대상의 최신 레코드가 원본의 최신 레코드보다 얼마나 오래되었는지입니다 (가장 뒤처진 토픽 기준). "
    "밀린 레코드: 커넥트가 기록한 위치 기준이며, 실제 복사보다 1분쯤 늦을 수 있습니다.",
    "on_all": "모든 호스트",
    "more_alerts": "알림 {n}개 더 보기",
    "more_brokers": "브로커 {n}대 더 보기",
    "minutes": "{n}분",
    "one_hours": "{n}시간",
    "days": "{n}일",
    "plot_messages": "초당 기록된 레코드",
    "plot_bytes_in": "초당 쓰기 바이트",
    "plot_bytes_out": "초당 읽기 바이트",
    "plot_under_replicated": "복제 부족 파티션",
    "plot_produce": "produce 요청 시간, 99 백분위",
    "plot_handlers": "요청 처리 스레드 유휴 비율, 가장 바쁜 브로커",
    "plot_lag": "컨슈머 지연 (레코드)",
    "plot_mirror_delay": "미러링 지연",
    "plot_mirror_rate": "초당 미러링된 레코드",
    "plot_size": "로그 크기",
    "plot_cpu": "CPU 사용률",
    "plot_memory": "메모리 사용률",
    "plot_disk": "가장 많이 찬 디스크",
}

# What health says, by the code of the finding, in Korean.
FINDINGS_KO = {
    "unreachable": "{host} 호스트에 물을 수 없습니다: {error} (구성 요소: {carried})",
    "no_answer": "{host}의 {title}: 응답 없음 ({error})",
    "no_single_leader": "주키퍼 앙상블 {name}: 리더 {leaders}개, 쿼럼이 없거나 나뉘었습니다",
    "no_active_controller": "{title}: 활성 컨트롤러 없음, 클러스터를 바꿀 수 없고 새 파티션 리더도 정해지지 않습니다",
    "controller_missing": "{title}: 컨트롤러 {controller}({host}) 쿼럼의 투표자가 아님",
    "controllers_unknown": "{title}: 인벤토리에 없는 투표자 {controllers}",
    "controller_behind": "{title}: 컨트롤러 {controller}({host}) 활성 컨트롤러를 따라가지 못함(마지막 일치 {behind} 전)",
    "broker_missing": "{title}: 브로커 {broker}({host}) 클러스터에 없음",
    "brokers_unknown": "{title}: 인벤토리에 없는 브로커 {brokers}",
    "offline": "{title}: 리더 없는 파티션 {count}개, 쓰기와 읽기 불가: {partitions}",
    "under_min_isr": ("{title}: 동기화된 복제본이 min.insync.replicas 미만인 파티션 {count}개, acks=all 쓰기 거부: {partitions}"),
    "under_replicated": "{title}: 복제본이 동기화되지 않은 파티션 {count}개: {partitions}",
    "too_few_replicas": (
        "{title}: 복제본 수가 min.insync.replicas보다 적게 만들어진 파티션 {count}개, acks=all 쓰기는 항상 거부됩니다. "
        "토픽의 replication_factor를 올리거나 min.insync.replicas를 낮추세요: {partitions}"
    ),
    "connector_state": "{title}: 커넥터 {connector} 상태 {state}",
    "connector_tasks": "{title}: {connector} 커넥터의 태스크 {count}개 상태 {states}",
    "mirror_connector_missing": "미러 {name}: 커넥트에 커넥터 {connector} 없음, playbooks/objects.yml로 만듭니다",
    "mirror_asleep": (
        "미러 {name}: 커넥터 {connector} 상태 {state}, 인벤토리에는 running, playbooks/objects.yml로 다시 시작합니다"
    ),
    "mirror_idle": "미러 {name}: 커넥터 {connector}에 태스크가 없습니다. 일치하는 토픽이 없거나 시작하지 못했습니다",
    "mirror_behind": "미러 {name}: 최대 {count}개 레코드 밀림, lag_max {most} 초과, 주로 {topics}",
    "mirror_behind_perhaps": (
        "미러 {name}: 최대 {count}개 레코드 밀림, lag_max {most} 초과, 주로 {topics}. 하트비트는 도착하므로 커넥트가 아직 "
        "기록하지 않았을 수 있습니다. 기록은 1분마다이며, kafka_connect_config의 offset.flush.interval.ms: 10000으로 앞당깁니다"
    ),
    "mirror_behind_unknown": "미러 {name}: 얼마나 밀렸는지 알 수 없습니다 ({error})",
    "heartbeat_none": "미러 {name}: 도착한 하트비트가 없습니다",
    "heartbeat_unknown": "미러 {name}: 하트비트를 알 수 없습니다 ({error})",
    "heartbeat_old": (
        "미러 {name}: {target}의 마지막 하트비트가 {age}초 전, heartbeat_max_age {most} 초과, 레코드가 지나가지 않습니다"
    ),
    "elasticsearch_red": "엘라스틱서치 상태 red: 프라이머리 샤드가 없어 일부 문서를 읽을 수 없습니다",
    "elasticsearch_yellow": "엘라스틱서치 상태 yellow: 할당되지 않은 복제본 샤드가 있습니다",
    "elasticsearch_nodes": "엘라스틱서치: 노드 {count}대 중 {live}대",
    "agent_silent": "{host}의 {component} JMX exporter: 응답 없음 ({error})",
    "targets_down": "프로메테우스: 대상 {count}개 중 {up}개 응답",
}
ERRORS_KO = {"connection refused": "연결 거부됨"}

# What the toolkit's alerts say is to be done first, in Korean.
ACTIONS_KO = {
    "Ask it by hand from the monitoring host.": "모니터링 호스트에서 직접 요청해 보세요.",
    "Bring back the brokers that hold their replicas.": "해당 복제본이 있는 브로커를 되살리세요.",
    "Bring back the missing servers; restart nothing else.": "빠진 서버를 되살리고, 다른 것은 재시작하지 마세요.",
    "Bring back the node that holds them.": "해당 샤드가 있는 노드를 되살리세요.",
    "Find the broker that is behind, and why.": "뒤처진 브로커와 그 원인을 찾으세요.",
    "Find the broker whose replicas fall out.": "복제본이 동기화에서 빠지는 브로커를 찾으세요.",
    "Find the topic and tell its owners.": "해당 토픽을 찾아 담당자에게 알리세요.",
    "Free space or shorten the retention of the largest topics now.": (
        "지금 공간을 확보하거나 가장 큰 토픽의 보존 기간을 줄이세요."
    ),
    "Look at ZooKeeper first, then at the log of the brokers that say they are it.": (
        "주키퍼를 먼저 보고, 자신이 컨트롤러라고 하는 브로커의 로그를 보세요."
    ),
    "Look at its unit on the host and start it.": "호스트에서 해당 유닛을 확인하고 시작하세요.",
    "Read its log and start it.": "로그를 읽고 시작하세요.",
    "Read its log, start it, and wait until everything is in sync.": "로그를 읽고 시작한 뒤 모두 동기화될 때까지 기다리세요.",
    "Read why it failed, mend that, and restart it.": "실패한 이유를 읽고 고친 뒤 재시작하세요.",
    "Renew it now.": "지금 갱신하세요.",
    "Renew it.": "갱신하세요.",
    "See how many connections there are and who makes them.": "연결이 몇 개이고 누가 맺는지 확인하세요.",
    "See to the disk, then restart the broker through the gate.": (
        "디스크를 고친 뒤, 안전 점검을 거치는 방법으로 브로커를 재시작하세요."
    ),
    "See what grows; shorten retention or add space before it is full.": (
        "무엇이 늘어나는지 보고, 가득 차기 전에 보존 기간을 줄이거나 공간을 늘리세요."
    ),
    "See what takes the memory; give the host more or place less on it.": (
        "무엇이 메모리를 쓰는지 보고, 메모리를 늘리거나 호스트에 두는 것을 줄이세요."
    ),
    "See whether a node is missing, or an index asks for more copies than there are nodes.": (
        "빠진 노드가 있는지, 노드 수보다 많은 복제본을 요구하는 인덱스가 있는지 확인하세요."
    ),
    "See whether disk, CPU or one client is the cause.": "디스크, CPU, 특정 클라이언트 중 무엇이 원인인지 확인하세요.",
    "See whether its tasks run, and whether the source cluster answers.": (
        "태스크가 실행 중인지, 원본 클러스터가 응답하는지 확인하세요."
    ),
    "See whether the group has members and whether they make progress.": "그룹에 멤버가 있고 읽기가 진행되는지 확인하세요.",
    "See whether the registry or its proxy is down, and whether its Kafka cluster is well.": (
        "레지스트리나 그 프록시가 멈췄는지, 레지스트리의 카프카 클러스터가 정상인지 확인하세요."
    ),
    "See whether the tasks run, and give them more tasks or memory if they only are slow.": (
        "태스크가 실행 중인지 보고, 느릴 뿐이라면 태스크나 메모리를 늘리세요."
    ),
    "See which part of the request takes the time.": "요청의 어느 단계에서 시간이 걸리는지 확인하세요.",
    "See which process it is and whether it is work that should be there.": ("어느 프로세스인지, 있어야 할 작업인지 확인하세요."),
    "Start the host or mend its network; its services come back by themselves.": (
        "호스트를 켜거나 네트워크를 고치세요. 서비스는 저절로 다시 올라옵니다."
    ),
}

WORDS = {"en": Words("en", EN), "ko": Words("ko", KO)}
