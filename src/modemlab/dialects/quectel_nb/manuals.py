"""The commands that the manuals of BC35-G and BC28 name: name, section, what it does.

From their tables of contents, and the other spelling of the token's command that its section has. A title stands here
where no declaration has one.
"""

from modemlab.dialect.known_commands import read_table

GENERAL = """
I                  2.1
E                  2.2
+CGMI              2.3
+CGMM              2.4
+CGMR              2.5
+CGSN              2.6
+CEREG             2.7
+CSCON             2.8
+CLAC              2.9
+CSQ               2.10
+CGPADDR           2.11
+COPS              2.12
+CGATT             2.13
+CGACT             2.14
+CIMI              2.15
+CGDCONT           2.16
+CFUN              2.17
+CMEE              2.18
+CCLK              2.19
+CPSMS             2.20
+CEDRXS            2.21
+CEER              2.22 Cause of the last failure
+CEDRXRDP          2.23 eDRX values in use
+CTZR              2.24
+CIPCA             2.25 PDP context of the attachment
+CGAPNRC           2.26 Rate limits of an APN
+CSODCP            2.27 Send data on the control plane
+CRTDCP            2.28 Report of data from the control plane
+CGCONTRDP         2.29 PDP context as the network gave it
+CGAUTH            2.30
+CNMPSD            2.31 No more data to come
+CPIN              2.32
+CPINR             2.33
+CCHO              2.34 Open a logical channel of the SIM
+CCHC              2.35 Close a logical channel of the SIM
+CGLA              2.36 Access to a logical channel of the SIM
+CRSM              2.37 Command to a file of the SIM
+CSIM              2.38 Command passed to the SIM as it is
+CGDATA            2.39 Begin data mode on a PDP context
+CCIOTOPT          2.40 CIoT optimisations
+CGCMOD            2.41 Change a PDP context
+CGEQOS            2.42 Quality of service
+CGTFT             2.43 Traffic flow template
+CSMS              3.1  Message service
+CNMA              3.2  Acknowledge a new message
+CSCA              3.3  Address of the message centre
+CMGS              3.4  Send a message
+CMGC              3.5  Send a message command
+CMMS              3.6  Link kept open between messages
+NRB               4.1
+NUESTATS          4.2
+NEARFCN           4.3  Frequency to search
+NSOCR             4.4  Create a socket
+NSOST             4.5  Send a datagram
+NSOSTF            4.6  Send a datagram with flags
+NQSOS             4.7  Datagrams under way
+NSORF             4.8  Read what has come
+NSOCO             4.9  Connect a socket
+NSOSD             4.10 Send on a connection
+NSOCL             4.11 Close a socket
+NSONMI            4.12 How arrivals are told
+NPING             4.14 Ping a host
+NBAND             4.15
+NLOGLEVEL         4.16 Level of the debug log
+NCONFIG           4.17
+NATSPEED          4.18
+NCCID             4.19
+NFWUPD            4.20 Update the firmware
+NPOWERCLASS       4.21 Power class of a band
+NPSMR             4.22
+NPTWEDRXS         4.23 eDRX with its paging window
+NPIN              4.24 PIN of the SIM
+NCSEARFCN         4.25 Forget stored frequencies
+NIPINFO           4.26 Report of IP addresses
+NCPCDPR           4.27 Values of PDP contexts to read
+NQPODCP           4.28 Data under way on the control plane
+NITZ              4.29
+QLEDMODE          4.30 Light of the network
+QIDNSCFG          4.31 Addresses of the DNS servers
+QDNS              4.32 Address of a name
+QCHIPINFO         4.33 State of the chip
+QCFG              4.34 More settings
+NSNPD             4.35 Send data without IP
+NRNPDM            4.36 Report of data without IP
+NQPNPD            4.37 Data without IP under way
+NSOSTATUS         4.38 State of a socket
+NCIDSTATUS        4.39 State of a PDP context
+NGACTR            4.40 Report of activations
+NUICC             4.41 Power of the SIM
+NCDP              5.1  Server of the IoT platform
+QSECSWT           5.2  Encryption of data
+QSETPSK           5.3  Pre-shared key
+QLWSREGIND        5.4  Control of the registration
+QLWULDATA         5.5  Send data
+QLWULDATAEX       5.6  Send data, confirmed or not
+QLWULDATASTATUS   5.7  State of confirmed data
+QLWFOTAIND        5.8  Mode of updates from the air
+QREGSWT           5.9  Mode of the registration
+NMGS              5.10 Send a message to the platform
+NMGR              5.11 Read a message of the platform
+NNMI              5.12 How messages are told
+NSMI              5.13 Whether sending is told
+NQMGR             5.14 Messages received
+NQMGS             5.15 Messages sent
+NMSTATUS          5.16 State of the registration
+QRESETDTLS        5.18 Reset DTLS
+QDTLSSTAT         5.19 State of DTLS
+QBOOTSTRAPHOLDOFF 5.20 Delay of the bootstrap
+QLWSERVERIP       5.21 Addresses of the servers
+QCRITICALDATA     5.22 Whether urgent data may be sent
+QSETBSPSK         5.23 Pre-shared key of the bootstrap
+QBSSECSWT         5.24 Encryption of the bootstrap
"""
MQTT = """
+QMTCFG     3.2.1
+QMTENAUTH  3.2.2
+QMTTENAUTH 3.2.2
+QMTOPEN    3.2.3
+QMTCLOSE   3.2.4
+QMTCONN    3.2.5
+QMTDISC    3.2.6
+QMTSUB     3.2.7
+QMTUNS     3.2.8
+QMTPUB     3.2.9
"""

KNOWN = {**read_table("BC35-G AT commands manual V1.0", GENERAL), **read_table("BC35-G & BC28 MQTT guide V1.0", MQTT)}
