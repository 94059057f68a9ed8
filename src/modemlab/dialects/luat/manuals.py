"""The commands that the manual of the generation after Air72x and Air82x names: name, section, what it does.

From its table of contents, and those that sections 2.5, 12.3 and 16.2 name beside their own: that these modules have
them is inferred. A title stands here where no declaration has one.
"""

from modemlab.dialect.known_commands import read_table

GENERAL = """
+CGMI          2.1
+CGMM          2.2
+CGMR          2.3
+CGSN          2.4
+CCID          2.5
+ICCID         2.5
+CIMI          2.6
I              2.7
+VER           2.8
^HVER          2.9   Version of the hardware
*I             2.10  Facts about the module
+WISN          2.11  Write the serial number
+RESET         2.12
+RSTSET        2.13  Restart with factory settings
*EXINFO        2.14  Cause of the start
+CATCHPCAP     2.15  Size of captured packets
+CSCS          3.1
&W             3.2
E              3.3
&F             3.4
Q              3.5
+UPGRADE       3.6   Firmware from the air
+UARTUPGRADE   3.7   Firmware from the port
S3             3.8
S5             3.9
&C             3.10
&D             3.11
+CCLK          3.12
+SETUSB        3.13  Mode of the USB port
+CMEE          3.14
+CFUN          4.1
+CPOWD         4.2
+CPIN          4.3
+CLCK          4.4
+CPWD          4.5
+SLEDS         4.6   Network LED blink pattern
+IPR           4.7
+ICF           4.8   Frame of a character
S4             4.9
+IFC           4.10
+CSDT          4.11  Detection of the SIM
*SIMDETEC      4.12  Whether a slot has a SIM
*EUICC         4.13  Kind of the SIM
+CSCLK         4.14  Sleep by the UART
*RTIME         4.15  Time until sleep in data mode
+POWERMODE     4.16  Power mode
+WAKETIM       4.17  Time until sleep
+CFGRI         4.18  Ring indicator
+CFGRISAVE     4.19  Store the ring indicator
^WAKEUPHEX     4.20  Text that wakes the host
+CADC          4.21  Analogue input
+CBC           4.22  Battery voltage
+CNETLIGHT     4.23  Light of the network on or off
+ECSIMCFG      4.24  Real or virtual SIM
+SIMCROSS      4.25  Choice of the SIM slot
*SIMAUTO       4.26  Automatic choice of the SIM
+RNDISCALL     4.27  RNDIS or ECM
+SYSNV         4.28  Restart the USB port
+CGPIO         4.29  Pin control
+IOSET         4.30  Level of pins
+MIFIMAC       4.31  MAC address
+CSQ           5.1
+CESQ          5.2   Signal, extended
*CSQ           5.3   Report of the signal
+MNCC          5.4   Country and network of the SIM
+CREG          5.5
+CEREG         5.6
^SYSCONFIG     5.7   Network mode
+CGCONTRDP     5.8   PDP context as the network gave it
+COPS          5.9
+CTZU          5.10  Automatic time update from the network (NITZ)
+CTZR          5.11  Report of the time zone
+NITZDISSET    5.13  Time zone of +NITZ
*BANDIND       5.14  Band in use
^CACAP         5.15  Access technologies
^SYSINFO       5.16  State of the system
+GSMLOCFG      5.17  Server of cell positioning
+CIPGSMLOC     5.18  Position by cells
+WIFILOC       5.19  Position by WiFi
+WIFISCAN      5.20  WiFi networks around
+WIFISCANCOUNT 5.21  How many WiFi networks are listed
+WIFISCANCONF  5.22  What is listed of WiFi networks
^DATAINFO      5.23  Traffic so far
+CCED          5.25  Cells around
+EEMGINFO      5.26  Cells in engineering mode
+CTTS          6.1   Text to speech
+CTTSPARAM     6.2   Parameters of speech
+CAUDPLAY      6.3   Play an audio file
+CRSL          6.4   Volume
+CSMS          7.2   Message service
+CPMS          7.3   Where messages are stored
+CSCA          7.4   Address of the message centre
+CMGF          7.5   Text or PDU format of messages
+CSMP          7.6   Parameters of text format
+CSDH          7.7   Header values in text format
+CNMI          7.8   How new messages are told
+CNMA          7.9   Acknowledge a new message
+CMGS          7.10  Send a message
+CMGW          7.11  Store a message
+CMSS          7.12  Send a stored message
+CMMS          7.13  Link kept open between messages
+CMGR          7.14  Read a message
+CMGL          7.15  List messages
+CMGD          7.16  Delete a message
+CGREG         8.1
+CGATT         8.2
+CGDCONT       8.3
+CGAUTH        8.4   User and password of a PDP context
+CGPADDR       8.5
+CGACT         8.6
+CGEREP        8.7   Report of the packet domain
*GETIP         8.9   Address of a PDP context
+CNTPCID       9.1   PDP context of NTP
+CNTP          9.2   Clock set by an NTP server
+FSCREATE      11.1
+FSREAD        11.2
+FSREADHEAD    11.3  Head line of AT+FSREAD
+FSWRITE       11.4
+FSDRIVE       11.5  Name of the drive
+FSLS          11.6  List a directory
+FSMEM         11.7
+FSMKDIR       11.8  Make a directory
+FSRMDIR       11.9  Remove a directory
+FSDEL         11.10
+FSFLSIZE      11.11
+CIPMUX        12.1  One or several sockets
+CSTT          12.2
+CPNETAPN      12.3  Access point of a private network
+AUTOAPN       12.3  Access point chosen by itself
+CIICR         12.4
+CIFSR         12.5
+CIPSSL        12.6  TLS for sockets
+SSLCFG        12.7
+CLPORT        12.8  Local port
+CIPSTART      12.9  Open a socket
+CIPMODE       12.10 Access mode of sockets
+CIPQSEND      12.11 When sending is acknowledged
+CIPRXF        12.12 Line end behind received data
+CIPCCFG       12.13 Options of transparent mode
+CIPSEND       12.14 Send on a socket
+CIPATS        12.15 Send by itself after a time
+CIPSPRT       12.16 Prompt and report of sending
+CIPSTATUS     12.17
+CIPACK        12.18 How much is acknowledged
+CIPCSGP       12.19 Bearer of sockets
+CDNSCFG       12.20 Addresses of the DNS servers
+CDNSGIP       12.21 Address of a name
+CIPSRIP       12.22 Sender ahead of received data
+CIPHEAD       12.23 Header ahead of received data
+CIPSHOWTP     12.24 Protocol in that header
+CIPSCONT      12.26 Store the settings of sockets
+CIPRXGET      12.27 Read received data by command
+CIPCLOSE      12.28 Close a socket
+CIPSHUT       12.29
+ROUTEIP       12.30 Address of the RNDIS gateway
+CIPPING       12.31 Ping a host
+CIPTKA        12.32 TCP keep-alive
^HEARTCONFIG   12.33 Heartbeat
^HEARTBEAT     12.34 Text of the heartbeat
^HEARTBEATHEX  12.35 Bytes of the heartbeat
^HEARTINQUIRE  12.36 Heartbeats sent
O              12.38 Back to data mode
+SAPBR         13.1  Bearer of applications
+HTTPINIT      14.1  Begin with HTTP
+HTTPSSL       14.2  TLS for HTTP
+HTTPPARA      14.3  Parameters of HTTP
+HTTPDATA      14.4  Body of a request
+HTTPACTION    14.5  Make a request
+HTTPEXACTION  14.6  Make a request, extended
+HTTPREAD      14.7  Read the answer
+HTTPGET       14.8  Fetch the answer
+HTTPEXGET     14.9  Fetch the answer, extended
+HTTPEXPOST    14.10 Send data, extended
+HTTPGETTOFS   14.11 Store the answer in a file
+HTTPHEAD      14.12 Header of the answer
+HTTPSCONT     14.13 Store the settings of HTTP
+HTTPTERM      14.14 End with HTTP
+FTPPORT       15.1  Control port of FTP
+FTPMODE       15.2  Active or passive FTP
+FTPTYPE       15.3  Type of data of FTP
+FTPPUTOPT     15.4  How a file is put
+FTPCID        15.5  Bearer of FTP
+FTPREST       15.6  Where a download goes on
+FTPSERV       15.7  Server of FTP
+FTPUN         15.8  User name of FTP
+FTPPW         15.9  Password of FTP
+FTPGETNAME    15.10 Name of the file to get
+FTPGETPATH    15.11 Path of the file to get
+FTPPUTNAME    15.12 Name of the file to put
+FTPPUTPATH    15.13 Path of the file to put
+FTPMKD        15.14 Make a directory there
+FTPRMD        15.15 Remove a directory there
+FTPGET        15.16 Get a file
+FTPPUT        15.17 Put a file
+FTPEXTGET     15.18 Get a file, extended
+FTPEXTPUT     15.19 Put a file, extended
+FTPGETTOFS    15.20 Get a file into the store
+FTPPUTFRMFS   15.21 Put a file from the store
+FTPFILEPUT    15.22 Put a file from memory
+FTPLIST       15.23 List a directory there
+FTPSIZE       15.24 Size of a file there
+FTPSTATE      15.25 State of FTP
+FTPSCONT      15.26 Store the settings of FTP
+FTPDELE       15.27 Delete a file there
+FTPQUIT       15.28 End with FTP
+MCONFIG       16.1
+MIPSTART      16.2
+SSLMIPSTART   16.2
+MCONNECT      16.3
+MPUB          16.4
+MPUBEX        16.5
+MSUB          16.6
+MUNSUB        16.7
+MQTTMSGGET    16.8
+MQTTMSGSET    16.9
+MQTTMODE      16.10
+MIPCLOSE      16.11
+MDISCONNECT   16.12
+MQTTSTATU     16.13
+CGNSPWR       18.1  Positioning on or off
+CGNSINF       18.2  Position
+CGNSURC       18.3  Report of the position
+CGNSTST       18.4  Raw position data at the port
+CGNSCMD       18.5  Command to the receiver
+CGNSAID       18.6  Assisted positioning
+CGNSDEL       18.7  Delete the assistance data
+CGNSSEQ       18.8  Sentence that is read
D              19.1  Begin a call
A              19.2  Take a call
H              19.3  End a call
+CHUP          19.4  End a call
+CLCC          19.5  List of calls
+CVHU          19.6  Whether ATH hangs up
+CRC           19.7  Extended form of RING
+VTS           19.8  Send DTMF tones
+VTD           19.9  Length of DTMF tones
"""

KNOWN = {**read_table("Luat AT manual V1.6.3", GENERAL, inferred=True)}
