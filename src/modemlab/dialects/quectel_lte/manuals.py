"""The commands that the manuals of EC200x, EC600x and EG912Y name: name, section, what it does.

From their tables of contents; `GENERAL` ends with those that two tables of its appendix alone name. A title stands here
where no declaration has one.
"""

from modemlab.dialect.known_commands import read_table

GENERAL = """
I         2.1
+GMI      2.2
+GMM      2.3
+GMR      2.4
+CGMI     2.5
+CGMM     2.6
+CGMR     2.7
+GSN      2.8
+CGSN     2.9
&F        2.10
&V        2.11
&W        2.12
Z         2.13
Q         2.14
V         2.15
E         2.16
S3        2.18
S4        2.19
S5        2.20
X         2.21
+CFUN     2.22
+CMEE     2.23
+CSCS     2.24
+QURCCFG  2.25
&C        3.1
&D        3.2
+IFC      3.3
+IPR      3.4
+CPAS     4.1
+CEER     4.2
+QCFG     4.3
+QINDCFG  4.4
+CIMI     5.1
+CLCK     5.2
+CPIN     5.3
+CPWD     5.4
+CSIM     5.5  Command passed to the SIM as it is
+CRSM     5.6  Command to a file of the SIM
+QCCID    5.7
+QPINC    5.8
+QINISTAT 5.9
+QSIMDET  5.10
+QSIMSTAT 5.11
+COPS     6.1
+CREG     6.2
+CSQ      6.3
+CPOL     6.4  List of preferred operators
+COPN     6.5  Names of all operators
+CTZU     6.6
+CTZR     6.7
+QLTS     6.8
+QNWINFO  6.9
+CNUM     7.1  Own numbers
+CPBF     7.2  Search in the phonebook
+CPBR     7.3  Read the phonebook
+CPBS     7.4  Choice of the phonebook
+CPBW     7.5  Write to the phonebook
+CSMS     8.1  Message service
+CMGF     8.2  Text or PDU format of messages
+CSCA     8.3  Address of the message centre
+CPMS     8.4  Where messages are stored
+CMGD     8.5  Delete a message
+CMGL     8.6  List messages
+CMGR     8.7  Read a message
+CMGS     8.8  Send a message
+CMMS     8.9  Link kept open between messages
+CMGW     8.10 Store a message
+CMSS     8.11 Send a stored message
+CNMA     8.12 Acknowledge a new message
+CNMI     8.13 How new messages are told
+CSCB     8.14 Kinds of cell broadcast
+CSDH     8.15 Header values in text format
+CSMP     8.16 Parameters of text format
+QCMGS    8.17 Send a long message in parts
+QCMGR    8.18 Read a long message in parts
+CGATT    9.1
+CGDCONT  9.2
+CGQREQ   9.3  Quality of service asked for
+CGQMIN   9.4  Least quality of service
+CGEQREQ  9.5  Quality of service asked for, 3G
+CGEQMIN  9.6  Least quality of service, 3G
+CGACT    9.7
+CGDATA   9.8  Begin data mode on a PDP context
+CGPADDR  9.9
+CGCLASS  9.10 Class of the mobile
+CGREG    9.11
+CGEREP   9.12
+CGSMS    9.13 Service that carries messages
+CEREG    9.14
+QGDCNT   9.15 Counter of packet data
+QAUGDCNT 9.16 Interval at which the counter is stored
+QPOWD    10.1
+CCLK     10.2
+QSCLK    10.3
S0        11.2
S6        11.2
S7        11.2
S8        11.2
S10       11.2
+CBST     11.2 Bearer of data calls
+CSTA     11.2 Type of address
+CR       11.2 Report of the service
+CRC      11.2 Extended form of RING
+CVHU     11.2 Whether ATH hangs up
+COLP     11.2 Number of the line that is reached
+CCWA     11.2 Call waiting
+CUSD     11.2 Unstructured supplementary service
+CLVL     11.2 Loudspeaker volume
+QAUDMOD  11.2 Audio mode
+QAUDLOOP 11.2 Audio loop for tests
+CLIP     11.7 Number of the caller
+CSSN     11.7 Notes of supplementary services
"""
SOCKETS = """
+QICSGP     2.2.1
+QIACT      2.2.2
+QIDEACT    2.2.3
+QIOPEN     2.2.4  Open a socket
+QICLOSE    2.2.5  Close a socket
+QISTATE    2.2.6  State of sockets
+QISEND     2.2.7  Send on a socket
+QIRD       2.2.8  Read from a socket
+QISENDEX   2.2.9  Send hexadecimal text on a socket
+QISWTMD    2.2.10 Change the access mode of a socket
+QPING      2.2.11 Ping a host
+QNTP       2.2.12 Clock set by an NTP server
+QIDNSCFG   2.2.13 Addresses of the DNS servers
+QIDNSGIP   2.2.14 Address of a name
+QICFG      2.2.15 Options of sockets
+QISDE      2.2.16 Echo of what AT+QISEND is given
+QIGETERROR 2.2.17
"""
MQTT = """
+QMTCFG   3.3.1
+QMTOPEN  3.3.2
+QMTCLOSE 3.3.3
+QMTCONN  3.3.4
+QMTDISC  3.3.5
+QMTSUB   3.3.6
+QMTUNS   3.3.7
+QMTPUBEX 3.3.8
+QMTRECV  3.3.9
"""
FILES = """
+QFLDS      2.2.1
+QFLST      2.2.2
+QFDEL      2.2.3
+QFUPL      2.2.4
+QFDWL      2.2.5
+QFOPEN     2.2.6
+QFREAD     2.2.7
+QFWRITE    2.2.8
+QFSEEK     2.2.9
+QFPOSITION 2.2.10
+QFCLOSE    2.2.11
"""
HTTP = """
+QHTTPCFG      2.2.1 Options of HTTP
+QHTTPURL      2.2.2 URL of requests
+QHTTPGET      2.2.3 GET request
+QHTTPGETEX    2.2.4 GET request for a range
+QHTTPPOST     2.2.5 POST request, its body from the port
+QHTTPPOSTFILE 2.2.6 POST request, its body from a file
+QHTTPREAD     2.2.7 Read the answer at the port
+QHTTPREADFILE 2.2.8 Store the answer in a file
+QHTTPSTOP     2.2.9 Cancel a request
"""

KNOWN = {
    **read_table("AT commands manual V1.1", GENERAL),
    **read_table("TCP/IP guide V1.2", SOCKETS),
    **read_table("MQTT guide", MQTT),
    **read_table("file guide V1.0", FILES),
    **read_table("HTTP(S) guide V1.0", HTTP),
}
