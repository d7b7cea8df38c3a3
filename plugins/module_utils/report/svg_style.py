# SPDX-License-Identifier: Apache-2.0
"""Styles of the drawing of an estate, in light and dark; those with ``HEALTH`` are for one that shows how everything is."""

from __future__ import annotations

LIGHT = """
text { font-family: system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif; font-size: 13px; fill: #1f2328 }
.page { fill: #ffffff; stroke: #d0d7de }
.host { fill: #ffffff; stroke: #c4ccd4 }
.name { font-weight: 600; font-size: 14px }
.small { font-size: 11px }
.soft { fill: #59636e; font-size: 12px }
.mono { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; font-size: 11px; fill: #59636e }
.zone { font-weight: 700; font-size: 16px }
.rule { stroke: #d8dee4 }
.flow { stroke: #0a7f8c; fill: none; stroke-width: 3 }
.head { fill: #0a7f8c }
.blue { fill: #eaf4ff; stroke: #54aeff } .blue-text { fill: #0550ae } .blue-mark { fill: #2f81f7 }
.orange { fill: #fff3e8; stroke: #fb8f44 } .orange-text { fill: #953800 } .orange-mark { fill: #e16f24 }
.green { fill: #e9f9ed; stroke: #4ac26b } .green-text { fill: #116329 } .green-mark { fill: #2da44e }
.purple { fill: #f8f0ff; stroke: #c297ff } .purple-text { fill: #6639ba } .purple-mark { fill: #8250df }
.grey { fill: #f6f8fa; stroke: #c4ccd4 } .grey-text { fill: #424a53 } .grey-mark { fill: #818b98 }
.zookeeper { fill: #7c8a2e } .schema_registry { fill: #b35bc7 } .kafka_connect { fill: #0a7f8c } .elasticsearch { fill: #d4a200 }
.kibana { fill: #d6498a } .prometheus { fill: #d1482c } .alertmanager { fill: #a8557c } .grafana { fill: #e07b00 }
.other { fill: #98a2ad }
.outside { stroke-dasharray: 6 4 }
.badge { fill: #ffffff; stroke: #0a7f8c }
"""


DARK = """
text { fill: #e6edf3 }
.page { fill: #0d1117; stroke: #3d444d }
.host { fill: #161b22; stroke: #3d444d }
.soft, .mono { fill: #9da7b1 }
.rule { stroke: #30363d }
.flow { stroke: #39c5cf } .head { fill: #39c5cf }
.blue { fill: #0b1c33; stroke: #1f6feb } .blue-text { fill: #79c0ff }
.orange { fill: #281a0d; stroke: #bd561d } .orange-text { fill: #ffa657 }
.green { fill: #0b2113; stroke: #238636 } .green-text { fill: #7ee787 }
.purple { fill: #1e1533; stroke: #8957e5 } .purple-text { fill: #d2a8ff }
.grey { fill: #12171e; stroke: #3d444d } .grey-text { fill: #b1bac4 }
.zookeeper { fill: #a8b84a } .schema_registry { fill: #cf7fe2 } .kafka_connect { fill: #39c5cf } .elasticsearch { fill: #e8bb2c }
.kibana { fill: #f279b0 } .prometheus { fill: #f0765c } .alertmanager { fill: #cf86a8 } .grafana { fill: #f29b38 }
.other { fill: #7a848f }
.badge { fill: #0d1117; stroke: #39c5cf }
"""


# The styles of a picture that says how everything is.
HEALTH_LIGHT = """
.shape { fill: #2da44e } .warn .shape { fill: #bf8700 } .bad .shape { fill: #cf222e } .unknown .shape { fill: #818b98 }
.sign { fill: none; stroke: #ffffff; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round }
.word { font-size: 12px; font-weight: 600 }
.word.ok { fill: #116329 } .word.warn { fill: #7d4e00 } .word.bad { fill: #a40e26 } .word.unknown { fill: #59636e }
.host-warn { stroke: #bf8700; stroke-width: 1.5 } .host-bad { stroke: #cf222e; stroke-width: 2 }
.host-unknown { stroke-dasharray: 5 4 }
.flow-warn { stroke: #bf8700 } .flow-bad { stroke: #cf222e; stroke-dasharray: 7 5 }
.flow-unknown { stroke: #818b98; stroke-dasharray: 2 5 }
.head-warn { fill: #bf8700 } .head-bad { fill: #cf222e } .head-unknown { fill: #818b98 }
"""


HEALTH_DARK = """
.shape { fill: #2ea043 } .warn .shape { fill: #b98100 } .bad .shape { fill: #e5484d } .unknown .shape { fill: #6e7681 }
.word.ok { fill: #7ee787 } .word.warn { fill: #e3b341 } .word.bad { fill: #ff9492 } .word.unknown { fill: #9da7b1 }
.host-warn { stroke: #b98100 } .host-bad { stroke: #e5484d }
.flow-warn { stroke: #d29922 } .flow-bad { stroke: #ff7b72 } .flow-unknown { stroke: #6e7681 }
.head-warn { fill: #d29922 } .head-bad { fill: #ff7b72 } .head-unknown { fill: #6e7681 }
"""
