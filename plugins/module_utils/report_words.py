"""Every word of the report and of the pictures, in each language: one table, the same keys in all of them.

A value with ``|`` has a form for one and a form for any other number.  ``SENTENCES_KO`` has what health says,
by the English sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

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

    def sentence(self, found: str) -> str:
        """Return a sentence of health in this language; one that the table does not have stays as it is."""
        if self.language == "en":
            return found
        for pattern, template in _PATTERNS:
            if match := pattern.fullmatch(found):
                return template.format(*(self.sentence(part) for part in match.groups()))
        return found


EN = {
    # What the picture says.
    "hosts": "{n} host|{n} hosts",
    "clusters": "{n} cluster|{n} clusters",
    "ensembles": "{n} ZooKeeper ensemble|{n} ZooKeeper ensembles",
    "brokers": "{n} broker|{n} brokers",
    "zookeeper_servers": "{n} ZooKeeper server|{n} ZooKeeper servers",
    "names_end": "names end in {suffix}",
    "cluster": "Cluster {name}",
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
    "component_kafka_broker": "Kafka broker",
    "component_schema_registry": "Schema Registry",
    "component_kafka_connect": "Kafka Connect",
    "component_elasticsearch": "Elasticsearch",
    "component_jmx_exporter": "JMX exporter",
    "component_cmak": "CMAK",
    "component_akhq": "AKHQ",
    # How something is.
    "no_answer": "no answer",
    "unreachable": "cannot be reached",
    "not_asked": "not asked",
    "left_out": "left out",
    "not_in_cluster": "not in the cluster",
    "nobody_answers": "nobody answers",
    "brokers_of": "{live} of {all} brokers",
    "in_sync": "all replicas in sync",
    "offline": "{n} partition without a leader|{n} partitions without a leader",
    "under_min_isr": "{n} partition below min.insync.replicas|{n} partitions below min.insync.replicas",
    "under_replicated": "{n} partition under-replicated|{n} partitions under-replicated",
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
    "delay": "Last heartbeat",
    "no_mirrors": "No mirror is declared.",
    "plots": "Over time",
    "plots_unknown": "There are no plots: {reason}",
    "no_prometheus": "this inventory has no Prometheus.",
    "prometheus_not_asked": "the host of Prometheus was not asked or cannot be reached.",
    "prometheus_error": "Prometheus does not answer: {error}",
    "no_data": "Prometheus has no such data for this time.",
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
    "component_kafka_broker": "카프카 브로커",
    "component_schema_registry": "스키마 레지스트리",
    "component_kafka_connect": "카프카 커넥트",
    "component_elasticsearch": "엘라스틱서치",
    "component_jmx_exporter": "JMX 익스포터",
    "component_cmak": "CMAK",
    "component_akhq": "AKHQ",
    "no_answer": "응답 없음",
    "unreachable": "접속 불가",
    "not_asked": "확인 안 함",
    "left_out": "설치 제외",
    "not_in_cluster": "클러스터에 없음",
    "nobody_answers": "응답하는 브로커 없음",
    "brokers_of": "브로커 {all}대 중 {live}대",
    "in_sync": "모든 복제본 동기화됨",
    "offline": "리더 없는 파티션 {n}개",
    "under_min_isr": "min.insync.replicas 미달 파티션 {n}개",
    "under_replicated": "복제 부족 파티션 {n}개",
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
    "delay": "마지막 하트비트",
    "no_mirrors": "선언된 미러가 없습니다.",
    "plots": "시간에 따른 변화",
    "plots_unknown": "그래프가 없습니다: {reason}",
    "no_prometheus": "이 인벤토리에 프로메테우스가 없습니다.",
    "prometheus_not_asked": "프로메테우스 호스트를 확인하지 않았거나 접속할 수 없습니다.",
    "prometheus_error": "프로메테우스가 응답하지 않습니다: {error}",
    "no_data": "이 기간의 데이터가 프로메테우스에 없습니다.",
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

# What health says, each {} for any words, in Korean.
SENTENCES_KO = {
    "{}, which carries {}, cannot be asked: {}": "{0} 호스트에 물을 수 없습니다: {2} (구성 요소: {1})",
    "{} on {} does not answer: {}": "{1}의 {0}: 응답 없음 ({2})",
    "ZooKeeper ensemble {} has {} leaders: no quorum, or it is split": (
        "주키퍼 앙상블 {0}: 리더 {1}개, 쿼럼이 없거나 나뉘었습니다"
    ),
    "{}: broker {} on {} is not in the cluster": "{0}: 브로커 {1}({2}) 클러스터에 없음",
    "{}: brokers {} are not in the inventory": "{0}: 인벤토리에 없는 브로커 {1}",
    "{}: {} partitions have no leader: nothing can be written or read: {}": "{0}: 리더 없는 파티션 {1}개, 쓰기와 읽기 불가: {2}",
    "{}: {} partitions have fewer replicas in sync than min.insync.replicas: writes with acks=all are refused: {}": (
        "{0}: 동기화된 복제본이 min.insync.replicas 미만인 파티션 {1}개, acks=all 쓰기 거부: {2}"
    ),
    "{}: {} partitions have replicas that are not in sync: {}": "{0}: 복제본이 동기화되지 않은 파티션 {1}개: {2}",
    "{}: {} partitions were made with fewer replicas than min.insync.replicas, so writes with acks=all are always refused; "
    "raise replication_factor of the topic or lower its min.insync.replicas: {}": (
        "{0}: 복제본 수가 min.insync.replicas보다 적게 만들어진 파티션 {1}개, acks=all 쓰기는 항상 거부됩니다. "
        "토픽의 replication_factor를 올리거나 min.insync.replicas를 낮추세요: {2}"
    ),
    "{}: connector {} is {}": "{0}: 커넥터 {1} 상태 {2}",
    "Mirror {}: Connect has no connector {}; playbooks/objects.yml makes it": (
        "미러 {0}: 커넥트에 커넥터 {1} 없음, playbooks/objects.yml로 만듭니다"
    ),
    "Mirror {}: up to {} records behind, more than lag_max {}, most of them in {}": (
        "미러 {0}: 최대 {1}개 레코드 밀림, lag_max {2} 초과, 주로 {3}"
    ),
    "Mirror {}: how far it is behind cannot be asked: {}": "미러 {0}: 얼마나 밀렸는지 알 수 없습니다 ({1})",
    "Mirror {}: no heartbeat has come through": "미러 {0}: 도착한 하트비트가 없습니다",
    "Mirror {}: heartbeats cannot be asked: {}": "미러 {0}: 하트비트를 알 수 없습니다 ({1})",
    "Mirror {}: the last heartbeat on {} is {} s old, above heartbeat_max_age {}: nothing passes": (
        "미러 {0}: {1}의 마지막 하트비트가 {2}초 전, heartbeat_max_age {3} 초과, 레코드가 지나가지 않습니다"
    ),
    "{}: {} tasks of {} are {}": "{0}: {2} 커넥터의 태스크 {1}개 상태 {3}",
    "Elasticsearch is red: shards without a primary, some documents cannot be reached": (
        "엘라스틱서치 상태 red: 프라이머리 샤드가 없어 일부 문서를 읽을 수 없습니다"
    ),
    "Elasticsearch has {} of {} nodes": "엘라스틱서치: 노드 {1}대 중 {0}대",
    "{} and {} more": "{0} 외 {1}개",
    "connection refused": "연결 거부됨",
}

WORDS = {"en": Words("en", EN), "ko": Words("ko", KO)}


def _compiled(sentences: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """Return patterns, those with the most words of their own first."""
    ordered = sorted(sentences, key=lambda sentence: -len(sentence.replace("{}", "")))
    return [(re.compile(re.escape(one).replace(r"\{\}", "(.+?)")), sentences[one]) for one in ordered]


_PATTERNS = _compiled(SENTENCES_KO)
