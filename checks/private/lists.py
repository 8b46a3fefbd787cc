"""Public registers that tell real numbers and addresses from others that merely look like them."""

from __future__ import annotations

from collections.abc import Mapping

_LENGTHS = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18
FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24
SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
IBAN_LENGTHS: Mapping[bytes, int] = {entry[:2].encode(): int(entry[2:]) for entry in _LENGTHS.split()}
"""Characters of an account number by country. Source: SWIFT, IBAN registry (ISO 13616)."""

_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg
ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh
gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr
kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf
ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm
sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf
ws ye yt za zm zw
"""
_GENERIC = """
aero academy agency ai app art asia associates bank bayern berlin bio biz blog business capital care careers cat center
church city cloud club codes coffee com community company consulting coop cologne design dev digital direct edu education
email energy engineering enterprises events expert family finance financial fitness foundation fund gallery global gmbh
gov graphics group guide guru hamburg health help hospital host house icu inc info ink institute insurance int
international investments io jobs kiwi koeln land law lawyer legal life link live lgbt llc london love ltd management
market marketing media mil mobi money museum name net network news ngo nyc one online org paris partners photo
photography pharmacy plus post press pro productions properties pub realtor report restaurant ruhr run sale school
science security services shop site social software solutions space store studio style support swiss systems team tech
technology tel tips today tokyo tools top tours town training travel university vip wales website wedding wien wiki win
work works world wtf xyz yoga zone
"""
DOMAINS = frozenset(name.encode() for name in (_COUNTRIES + _GENERIC).split())
"""Endings of host names: all country codes, and the generic ones under which people have mail.
Source: IANA, root zone database; endings that are words of program code (call, data, map, page) are left out."""

_CALLING = """
1 20 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243
244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 27 290 291 297 298
299 30 31 32 33 34 350 351 352 353 354 355 356 357 358 359 36 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386
387 389 39 40 41 420 421 423 43 44 45 46 47 48 49 500 501 502 503 504 505 506 507 508 509 51 52 53 54 55 56 57 58 590 591
592 593 594 595 596 597 598 599 60 61 62 63 64 65 66 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688
689 690 691 692 7 81 82 84 850 852 853 855 856 86 880 886 90 91 92 93 94 95 960 961 962 963 964 965 966 967 968 970 971
972 973 974 975 976 977 98 992 993 994 995 996 998
"""
CALLING_CODES = frozenset(code.encode() for code in _CALLING.split())
"""Country codes of telephone numbers. Source: ITU, list of ITU-T Recommendation E.164 assigned country codes."""
