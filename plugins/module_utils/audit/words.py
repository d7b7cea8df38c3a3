# SPDX-License-Identifier: Apache-2.0
"""What an audit says, in Korean: the same codes and values as ``findings`` has in English."""

from __future__ import annotations

import re
from collections.abc import Mapping

RESULTS_KO = {"pass": "충족", "fail": "위반", "unknown": "알 수 없음"}
STATEMENTS_KO = {
    1: "브로커와 컨트롤러의 리스너는 클라이언트용과 분리되고 클라이언트가 접근할 수 없다",
    2: "브로커, 컨트롤러, 주키퍼는 상호 TLS로 서로를 확인한다",
    3: "여기에 쓰는 키는 클라이언트용 키와 다르다",
    4: "모든 곳에서 TLS 1.2 이상을 쓰고 이름을 검증한다",
    5: "인증서는 동작 중에 갱신된다",
    6: "슈퍼 유저는 적고 기계뿐이다",
    7: "인가(authorizer) 로그를 남긴다",
    8: "비밀 값이 평문으로 있지 않다",
    9: "JMX는 로컬에만 열리거나 로그인을 요구한다",
    10: "커넥트 REST는 https와 로그인을 요구하고 관리용 리스너는 분리된다",
    11: "미러메이커는 양쪽에 각각 자기 로그인을 쓴다",
    12: "ACL이 없으면 아무것도 허용하지 않는다",
}
ANSWERS_KO = {
    "open": "누구에게나",
    "login": "로그인 필요",
    "certificate": "인증서 필요",
    "closed": "다른 호스트에서 접속 불가",
    "local": "루프백만",
    "unknown": "알 수 없음",
}
ROOT = "root(-b)로 감사를 실행하세요"
SENTENCES_KO: Mapping[str, tuple[str, str]] = {
    "no_broker": ("확인한 호스트에 실행 중인 브로커가 없습니다", "브로커 호스트도 함께 감사하세요"),
    "no_settings": ("{kind} 설정을 읽을 수 없습니다: {error}", f"{ROOT}. 브로커라면 audit_client로도 알 수 있습니다"),
    "stale": (
        "{kind} 시작 뒤 {source} 파일이 바뀌어, 실행 중인 설정과 다를 수 있습니다",
        "안전 점검을 거쳐 재시작하거나, 적용된 설정을 묻는 audit_client를 주세요",
    ),
    "hidden": ("이 사용자는 다른 사용자의 프로세스를 볼 수 없습니다", ROOT),
    "listener_shared": ("클라이언트가 브로커 사이의 리스너 {listener}를 함께 씁니다", "브로커 전용 리스너를 만드세요"),
    "private_open": (
        "{listener} 포트 {port}: 누구나 접속됩니다 ({how}, {asked_from}에서 확인)",
        "전용 CA를 쓰는 상호 TLS로 바꾸세요",
    ),
    "private_login": (
        "{listener} 포트 {port}: 클라이언트 로그인을 받습니다 ({how}, {asked_from}에서 확인)",
        "전용 CA를 쓰는 상호 TLS로 바꾸거나 클라이언트가 포트에 닿지 않게 하세요",
    ),
    "private_certificate": ("{listener} 포트 {port}: 인증서가 없으면 거절합니다 ({asked_from}에서 확인)", ""),
    "private_closed": ("{listener} 포트 {port}: {asked_from}에서 접속할 수 없습니다", ""),
    "private_local": ("{listener} 포트 {port}: 루프백에서만 듣습니다", ""),
    "private_unknown": ("{listener} 포트 {port}: {how}", "다른 호스트에서 이 포트에 물을 수 있는지 확인하세요"),
    "mutual_tls": ("{what}: 상호 TLS", ""),
    "not_tls": ("{what}: TLS가 아니라 {protocol}", "클라이언트 인증서를 요구하는 TLS로 바꾸세요"),
    "tls_one_sided": ("{what}: 클라이언트 인증서 없는 TLS ({setting} = {value})", "{setting}: {wanted}로 바꾸세요"),
    "zookeeper_plain_port": (
        "주키퍼가 포트 {port}에서 평문 클라이언트를 계속 받습니다",
        "모든 브로커가 TLS를 쓰면 clientPort를 없애세요",
    ),
    "keys_apart": ("{listener}, {other}: 서로 다른 키", ""),
    "keys_same": ("{listener}, {other}: 같은 키 ({how})", "리스너마다 키스토어를 따로 두세요"),
    "keys_none": ("{listener}: 키가 없습니다 ({protocol})", "자기 키를 가진 TLS로 바꾸세요"),
    "keys_unknown": ("{listener}, {other}: 어떤 키를 쓰는지 볼 수 없습니다", "포트에 물을 수 있는지 확인하세요"),
    "tls_good": ("포트 {port}: {version}, 낮은 버전과 약한 암호 거절", ""),
    "tls_old": ("포트 {port}: TLS 1.1 이하를 받습니다", "허용 프로토콜을 TLSv1.3, TLSv1.2로 두세요"),
    "tls_weak": ("포트 {port}: 약한 암호 스위트를 받습니다", "현대적인 암호 스위트만 나열하세요"),
    "tls_none": ("포트 {port} ({process}): 평문입니다", "TLS를 켜세요"),
    "tls_unsure": (
        "포트 {port}: TLS이지만 낮은 버전이나 약한 암호를 받는지 알 수 없습니다",
        "sslyze로 확인하세요",
    ),
    "port_unsure": ("포트 {port} ({process}): {how}", "TLS인지 확인하세요"),
    "name_wrong": ("포트 {port}: 인증서에 {name} 이름이 없습니다 ({names})", "호스트 이름과 주소를 넣어 다시 발급하세요"),
    "key_weak": ("포트 {port}: 키가 짧거나 서명이 약한 인증서 ({key} {bits}, {hash})", "다시 발급하세요"),
    "names_ignored": ("{setting}: 비어 있거나 꺼져 있어 이름을 검증하지 않습니다", "{setting} 설정을 지우세요"),
    "no_certificates": ("인증서를 보여 주는 포트가 없습니다", "TLS를 켜세요"),
    "certificate_ended": ("포트 {port}: 인증서가 {days}일 전에 만료됐습니다", "갱신하세요"),
    "certificate_ends": ("포트 {port}: 인증서가 {days}일 뒤 만료됩니다", "갱신하세요"),
    "certificate_early": ("포트 {port}: 인증서가 아직 유효하지 않습니다", "시계를 맞추거나 갱신하세요"),
    "certificate_long": (
        "포트 {port}: 인증서 유효 기간이 {days}일이라 갱신할 뜻이 없어 보입니다",
        "1년 이하로 발급하고 정해진 때에 갱신하세요",
    ),
    "certificate_renewed": ("포트 {port}: 동작 중에 바뀐 인증서, {days}일 남음", ""),
    "certificate_left": ("포트 {port}: {days}일 남음", ""),
    "certificate_unseen": ("포트 {port}: 인증서를 볼 수 없습니다", "클라이언트 인증서로 물어보세요"),
    "certificate_waits": (
        "{path} 파일이 프로세스보다 새것인데 포트 {port}는 옛 인증서를 보여 줍니다",
        "다시 읽게 하거나 차례로 재시작하세요",
    ),
    "no_reload": ("주키퍼가 갱신된 인증서를 읽지 않습니다: {setting} = {value}", "{setting}: true로 바꾸세요"),
    "no_authorizer": ("authorizer가 없어 누구나 무엇이든 할 수 있습니다", "authorizer.class.name을 설정하세요"),
    "super_anybody": ("super.users에 로그인 없는 모두를 뜻하는 {users} 있음", "super.users에서 빼세요"),
    "super_many": ("브로커가 아닌 슈퍼 유저 {count}명: {users}", "대신 ACL을 주세요"),
    "super_people": (
        "기계인지 알 수 없는 슈퍼 유저: {users}",
        "기계라면 audit_machines에 적고, 아니라면 super.users에서 빼세요",
    ),
    "super_good": ("슈퍼 유저는 모두 기계: {users}", ""),
    "super_none": ("슈퍼 유저가 없습니다", ""),
    "log_kept": ("{logger} 로그 수준 {level}", ""),
    "log_off": ("{logger} 로그 수준 {level}: 거절 기록이 남지 않습니다", "kafka.authorizer.logger를 INFO로 두세요"),
    "log_unknown": ("인가 로그 수준을 알 수 없습니다: {error}", ROOT),
    "clear": (
        "{kind}: 평문 비밀 값 ({places})",
        "해당 서비스만 읽는 파일로 옮기고 config provider로 가리키세요",
    ),
    "file_open": ("{path}: 권한 {mode}, 소유자 {owner}", "{user} 소유 0400으로 바꾸세요"),
    "unread": ("{kind}: 볼 수 없는 것 ({places})", ROOT),
    "connectors_unread": ("커넥터 설정을 읽을 수 없습니다: {error}", "audit_connect_tls를 주세요"),
    "no_clear": ("{kind}: 평문 비밀 값 없음", ""),
    "jmx_none": ("JMX를 밖으로 여는 자바 프로세스가 없습니다", ""),
    "jmx_open": (
        "{kind}: 로그인 없는 JMX 포트 {port}",
        "com.sun.management.jmxremote.authenticate를 켜거나 로컬로만 두세요",
    ),
    "jmx_login": ("{kind}: JMX 포트 {port}, 로그인 필요", ""),
    "jmx_local": ("{kind}: {what} 포트 {port}, 로컬만", ""),
    "jmx_unknown": ("{kind}: JMX를 열 수 있습니다 ({error})", ROOT),
    "agent_open": (
        "{kind}: 에이전트 {agent}가 포트 {port}에서 누구에게나 답합니다 ({how}, {asked_from}에서 확인)",
        "TLS와 로그인을 거세요",
    ),
    "agent_login": ("{kind}: 에이전트 {agent} 포트 {port}, 로그인 필요", ""),
    "agent_closed": ("{kind}: 에이전트 {agent} 포트 {port}, {asked_from}에서 접속할 수 없습니다", ""),
    "agent_unknown": (
        "{kind}: 에이전트 {agent}의 포트 {port}가 로그인을 요구하는지 알 수 없습니다 ({how})",
        "직접 물어보세요",
    ),
    "no_connect": ("확인한 호스트에 실행 중인 카프카 커넥트가 없습니다", ""),
    "rest_open": (
        "REST 포트 {port}: 누구에게나 답합니다 ({how}, {asked_from}에서 확인)",
        "전용 CA의 클라이언트 인증서를 요구하세요",
    ),
    "rest_login": ("REST 포트 {port}: https와 로그인 필요 ({how})", ""),
    "rest_local": ("REST 포트 {port}: 루프백에서만 듣습니다", ""),
    "rest_plain": ("REST 포트 {port}: https가 아닙니다", "listeners를 https로, rest.advertised.listener=https로 바꾸세요"),
    "rest_unknown": ("REST 포트 {port}: {how}", "다른 호스트에서 이 포트에 물을 수 있는지 확인하세요"),
    "admin_shared": (
        "admin.listeners가 없어 REST에 닿는 누구나 로그 수준을 바꿀 수 있습니다",
        "admin.listeners를 루프백이나 빈 값으로 두세요",
    ),
    "admin_apart": ("관리용 리스너: {listeners}", ""),
    "no_mirror": ("확인한 호스트에 실행 중인 미러메이커가 없습니다", ""),
    "mirror_good": ("미러 {name}: 원본 {source}, 대상 {target}", ""),
    "mirror_plain": (
        "미러 {name}: {side} 쪽을 TLS 로그인 없이 씁니다 ({protocol})",
        "그쪽에 자기 프린시펄과 TLS를 쓰게 하세요",
    ),
    "mirror_shared": ("미러 {name}: {places} 로그인이 같습니다 ({who})", "양쪽에 프린시펄을 따로 두세요"),
    "mirror_unknown": ("미러를 볼 수 없습니다: {error}", "audit_connect_tls를 주세요"),
    "everyone": ("allow.everyone.if.no.acl.found: true", "ACL이 갖춰지면 false로 바꾸세요"),
    "acl_needed": ("{authorizer}: ACL이 허용하지 않으면 거절합니다", ""),
}

# What ports and settings were seen to say, in Korean: whole values, as patterns.
VALUES_KO = (
    ("Kafka, asks for no login", "카프카, 로그인 요구 없음"),
    ("Kafka, login by (.+)", r"카프카, \1 로그인"),
    ("ZooKeeper, answers srvr", "주키퍼, srvr에 답함"),
    (r"HTTP (\d+) without a login", r"HTTP \1, 로그인 없음"),
    (r"HTTP (\d+) to its login", r"HTTP \1, 로그인 화면"),
    (r"HTTP (\d+) to https", r"HTTP \1, https로 보냄"),
    (r"HTTP (\d+) without a certificate", r"HTTP \1, 인증서 없음"),
    ("refused without a certificate", "인증서가 없으면 거절"),
    ("plain, any server may connect", "평문, 어느 서버나 접속 가능"),
    ("(plain|TLS|UDP), it does not say who may use it", r"\1, 누가 쓸 수 있는지 알 수 없음"),
    ("TLS, (.+)", r"TLS, \1"),
    ("loopback only", "루프백만"),
    ("no answer in time", "제때 답이 없음"),
    ("connection refused", "연결 거부됨"),
    ("nothing listens there", "듣는 프로세스 없음"),
    ("not asked: no other host could", "물어볼 다른 호스트 없음"),
    ("not asked: (.+)", r"묻지 못함: \1"),
    ("it is one listener", "리스너가 하나"),
    ("their certificates have one key", "인증서의 키가 같음"),
    (r"listener (\S+)", r"리스너 \1"),
    ("the connection to ZooKeeper", "주키퍼 연결"),
    ("the connection to controllers", "컨트롤러 연결"),
    ("ZooKeeper's port for clients", "주키퍼 클라이언트 포트"),
    ("ZooKeeper's quorum", "주키퍼 쿼럼"),
    ("empty", "빈 값"),
    ("none", "없음"),
    ("a keystore", "키스토어"),
    ("plain", "평문"),
    ("not known", "알 수 없음"),
    ("source", "원본"),
    ("target", "대상"),
    (r"(\w+) and (\w+)", r"\1, \2"),
    ("user (.+)", r"사용자 \1"),
    ("a login of its own", "자체 로그인"),
    ("a key of its own", "자체 키"),
    ("environment of its process", "프로세스 환경 변수"),
    ("command line: (.+)", r"명령줄 \1"),
    ("environment: (.+)", r"환경 변수 \1"),
    ("connector (.+)", r"커넥터 \1"),
    (r"(.+): line (\d+)", r"\1 \2행"),
    ("(.+): Permission denied", r"\1 읽기 권한 없음"),
)


def korean(value: object) -> str:
    """Return a value of a finding in Korean; names and what nobody has words for stay as they are."""
    text = str(value)
    return next((found.expand(said) for pattern, said in VALUES_KO if (found := re.fullmatch(pattern, text))), text)
