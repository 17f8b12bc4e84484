------------------------------ MODULE Sessions ------------------------------
(* How a session, its messages and its will stay right while its clients move and processes die. The words are those  *)
(* of packages/broker and docs/decisions/0011: lanes, claims, adoption, barriers, epochs, `opened`, `assigned`,        *)
(* `received`, `pending`. One client publishes 1, 2, … at QoS 2; one subscribes with a session that lasts, at `Qos`.   *)
(* Each has one connection at a time. A frozen process is one that takes no step; who adopts its lane kills it.        *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  a, b,
  Processes,
  MessagesMax,
  \* Faults: processes that die, and connections that are lost.
  CrashesMax, LossesMax,
  \* Of the subscription: 1 or 2.
  Qos,
  \* "none", or the rule that is left out.
  Flaw

VARIABLES
  \* What is durable in the lane of each process, and what it has appended and not committed.
  lane, appended,
  \* "alive", "orphan" (dead, or taken for dead), "adopted".
  life,
  \* The session where it is held in memory, else Nobody.
  held,
  \* The publisher: its process, the last message that has been acknowledged to it.
  publisher,
  \* By process: what it has not yet read of the publisher's packets, and the messages that it knows.
  buffered, known,
  \* The subscriber: its process, packet ids that wait for PUBREL, the number of its connection.
  subscriber,
  \* Packets on the way to the subscriber, and its answers.
  sent, answers,
  \* What its application has seen.
  seen,
  \* Wills that were published although their client had been welcomed again.
  lateWills,
  crashes, losses

vars == <<lane, appended, life, held, publisher, buffered, known, subscriber, sent, answers, seen, lateWills, crashes,
  losses>>

Symmetry == Permutations(Processes)

Nobody == [epoch |-> 0]
Nowhere == "nowhere"
Messages == 1 .. MessagesMax
\* In flight to the subscriber at once.
Window == 2
Ids == 1 .. Window

Range(sequence) == {sequence[i] : i \in DOMAIN sequence}
Without(sequence, Drops(_)) == SelectSeq(sequence, LAMBDA entry : ~Drops(entry))

-----------------------------------------------------------------------------
(* Records of the session, and what they say together. *)

Start == [partition \in Processes |-> 1]
Fresh == [epoch |-> 0, connection |-> 0, will |-> FALSE, cursor |-> Start, flight |-> <<>>]

SessionRecords == {"opened", "assigned", "received", "pending"}

Applied(session, record) ==
  CASE record.kind = "opened" -> record.session
    [] record.kind = "pending" -> [session EXCEPT !.cursor = record.cursor, !.flight = record.flight]
    [] record.kind = "assigned" ->
       LET others == Without(session.flight, LAMBDA one : one.id = record.entry.id)
       IN [session EXCEPT !.flight = Append(others, record.entry),
                          !.cursor[record.entry.partition] = record.entry.position + 1]
    [] record.kind = "received" ->
       [session EXCEPT !.flight =
         [i \in DOMAIN session.flight |->
           IF session.flight[i].id = record.id THEN [session.flight[i] EXCEPT !.state = "received"] ELSE session.flight[i]]]

RECURSIVE Folded(_, _, _)
Folded(session, records, epoch) ==
  IF records = <<>> THEN session
  ELSE LET record == Head(records)
           counts == record.kind \in SessionRecords /\ record.epoch = epoch
       IN Folded(IF counts THEN Applied(session, record) ELSE session, Tail(records), epoch)

Epochs(records) == {record.epoch : record \in {one \in Range(records) : one.kind = "opened"}}
NewestEpoch ==
  LET all == UNION {Epochs(lane[p]) : p \in Processes} IN IF all = {} THEN 0 ELSE CHOOSE e \in all : \A f \in all : f <= e

\* The row after the adoption of its lane: only records of the newest owner count.
Row ==
  IF NewestEpoch = 0 THEN Fresh
  ELSE LET p == CHOOSE one \in Processes : NewestEpoch \in Epochs(lane[one]) IN Folded(Fresh, lane[p], NewestEpoch)

-----------------------------------------------------------------------------
(* Claims: whoever wants a client asks all others first. *)

\* The living have committed what they had for it; of the dead there is nothing more to come.
Claimable(p) ==
  \/ Flaw = "claim without ends"
  \/ \A other \in Processes \ {p} : life[other] = "alive" => appended[other] = <<>>

\* Lanes of the dead are taken over first.
Settled == \A p \in Processes : life[p] # "orphan"

Ends == [partition \in Processes |-> Len(lane[partition])]
Barrier == IF Flaw = "no barrier" THEN <<>> ELSE <<[kind |-> "barrier", ends |-> Ends]>>

Unacknowledged == [i \in 1 .. MessagesMax - publisher.acknowledged |-> publisher.acknowledged + i]

PublisherConnects(p) ==
  /\ publisher.at = Nowhere /\ life[p] = "alive" /\ Settled /\ Claimable(p)
  /\ publisher' = [publisher EXCEPT !.at = p]
  \* Whoever had its connection takes it down; on the new one all comes again that is not acknowledged.
  /\ buffered' = [other \in Processes |-> IF other = p THEN Unacknowledged ELSE <<>>]
  /\ known' = [known EXCEPT ![p] = {record.message : record \in
       {one \in UNION {Range(lane[other]) : other \in Processes} \cup Range(appended[p]) : one.kind = "publish"}}]
  /\ appended' = [appended EXCEPT ![p] = @ \o Barrier]
  /\ UNCHANGED <<lane, life, held, subscriber, sent, answers, seen, lateWills, crashes, losses>>

\* The holder writes what it knows (`closed`), and forgets the session.
Written ==
  LET holders == {p \in Processes : life[p] = "alive" /\ held[p].epoch # 0 /\ held[p].epoch = NewestEpoch}
  IN IF holders = {} THEN Row ELSE held[CHOOSE p \in holders : TRUE]

Opened(session) == [kind |-> "opened", epoch |-> session.epoch, session |-> session]

SubscriberConnects(p) ==
  /\ subscriber.at = Nowhere /\ ~subscriber.gone /\ life[p] = "alive" /\ Settled /\ Claimable(p)
  /\ LET old == Written
         session == [old EXCEPT !.epoch = NewestEpoch + 1, !.connection = subscriber.connection + 1, !.will = TRUE]
     IN /\ held' = [other \in Processes |-> IF other = p THEN session ELSE Nobody]
        /\ appended' = [appended EXCEPT ![p] = Append(@, Opened(session))]
        /\ subscriber' = [subscriber EXCEPT !.at = p, !.connection = @ + 1, !.welcome = FALSE]
  /\ UNCHANGED <<lane, life, publisher, buffered, known, sent, answers, seen, lateWills, crashes, losses>>

-----------------------------------------------------------------------------
(* Publishing. *)

\* PUBREC waits for the commit; of a message that is known it comes as soon as that is durable.
Reads(p) ==
  /\ life[p] = "alive" /\ buffered[p] # <<>>
  /\ LET message == Head(buffered[p])
         isDurable == \E other \in Processes : \E r \in Range(lane[other]) : r.kind = "publish" /\ r.message = message
         isAnswered == IF message \in known[p] THEN isDurable ELSE Flaw = "acknowledged before the commit"
     IN /\ appended' = IF message \in known[p] THEN appended
                       ELSE [appended EXCEPT ![p] = Append(@, [kind |-> "publish", message |-> message])]
        /\ publisher' = IF isAnswered /\ publisher.at = p THEN [publisher EXCEPT !.acknowledged = message] ELSE publisher
        /\ known' = [known EXCEPT ![p] = @ \cup {message}]
  /\ buffered' = [buffered EXCEPT ![p] = Tail(@)]
  /\ UNCHANGED <<lane, life, held, subscriber, sent, answers, seen, lateWills, crashes, losses>>

-----------------------------------------------------------------------------
(* Delivering: from what is durable in all lanes, each in its order, behind barriers only once what they name is done. *)

Publish(entry) == [kind |-> "publish", id |-> entry.id, message |-> entry.message, place |-> <<entry.partition, entry.position>>]
Release(entry) == [kind |-> "release", id |-> entry.id]
Again(flight) == [i \in DOMAIN flight |-> IF flight[i].state = "received" THEN Release(flight[i]) ELSE Publish(flight[i])]

IsConnected(p) == subscriber.at = p /\ subscriber.welcome /\ held[p].epoch # 0
FreeIds(session) == Ids \ {entry.id : entry \in Range(session.flight)}
Smallest(numbers) == CHOOSE one \in numbers : \A other \in numbers : one <= other

Published(q, first, last) == {i \in first .. last : lane[q][i].kind = "publish"}
\* All that a barrier names has been delivered.
Passes(session, barrier) == \A q \in Processes : Published(q, session.cursor[q], barrier.ends[q]) = {}

\* The next message of one lane; none where a barrier holds it back.
NextOf(session, q) ==
  {i \in Published(q, session.cursor[q], Len(lane[q])) :
    /\ Published(q, session.cursor[q], i - 1) = {}
    /\ \A j \in session.cursor[q] .. i - 1 : lane[q][j].kind = "barrier" => Passes(session, lane[q][j])}

Delivers(p, q) ==
  /\ life[p] = "alive" /\ IsConnected(p)
  /\ FreeIds(held[p]) # {}
  /\ \E position \in NextOf(held[p], q) :
       LET session == held[p]
           entry == [id |-> Smallest(FreeIds(session)), partition |-> q, position |-> position,
                     message |-> lane[q][position].message, state |-> "assigned"]
           assigned == [kind |-> "assigned", epoch |-> session.epoch, entry |-> entry]
           isEarly == Qos = 1 \/ Flaw = "sent before it is assigned"
       IN /\ held' = [held EXCEPT ![p].cursor[q] = position + 1, ![p].flight = Append(@, entry)]
          /\ appended' = IF Qos = 1 THEN appended ELSE [appended EXCEPT ![p] = Append(@, assigned)]
          /\ sent' = IF isEarly THEN Append(sent, Publish(entry)) ELSE sent
  /\ UNCHANGED <<lane, life, publisher, buffered, known, subscriber, answers, seen, lateWills, crashes, losses>>

SubscriberReads ==
  /\ sent # <<>>
  /\ LET packet == Head(sent)
         isNew == packet.kind = "publish" /\ (Qos = 1 \/ packet.id \notin subscriber.ids)
     IN /\ seen' = IF isNew THEN Append(seen, <<packet.message, packet.place>>) ELSE seen
        /\ subscriber' = CASE Qos = 1 -> subscriber
                           [] packet.kind = "publish" -> [subscriber EXCEPT !.ids = @ \cup {packet.id}]
                           [] OTHER -> [subscriber EXCEPT !.ids = @ \ {packet.id}]
        /\ answers' = Append(answers, [id |-> packet.id, isLast |-> Qos = 1 \/ packet.kind = "release"])
  /\ sent' = Tail(sent)
  /\ UNCHANGED <<lane, appended, life, held, publisher, buffered, known, lateWills, crashes, losses>>

\* PUBACK and PUBCOMP end a delivery; PUBREC is a record, and PUBREL waits for its commit.
ReadsAnswer(p) ==
  /\ life[p] = "alive" /\ IsConnected(p) /\ answers # <<>>
  /\ LET answer == Head(answers)
     IN IF answer.isLast
        THEN /\ held' = [held EXCEPT ![p].flight = Without(@, LAMBDA one : one.id = answer.id)]
             /\ UNCHANGED appended
        ELSE /\ held' = [held EXCEPT ![p].flight =
                  [i \in DOMAIN @ |-> IF @[i].id = answer.id THEN [@[i] EXCEPT !.state = "received"] ELSE @[i]]]
             /\ appended' = [appended EXCEPT ![p] =
                  Append(@, [kind |-> "received", epoch |-> held[p].epoch, id |-> answer.id])]
  /\ answers' = Tail(answers)
  /\ UNCHANGED <<lane, life, publisher, buffered, known, subscriber, sent, seen, lateWills, crashes, losses>>

\* Once a second, where it says something new.
WritesPending(p) ==
  /\ life[p] = "alive" /\ held[p].epoch # 0 /\ appended[p] = <<>> /\ NewestEpoch = held[p].epoch
  /\ LET session == held[p]
         flight == IF Flaw = "cursor past the unacknowledged" THEN <<>> ELSE session.flight
     IN /\ <<Row.cursor, Row.flight>> # <<session.cursor, flight>>
        /\ appended' = [appended EXCEPT ![p] = Append(@,
             [kind |-> "pending", epoch |-> session.epoch, cursor |-> session.cursor, flight |-> flight])]
  /\ UNCHANGED <<lane, life, held, publisher, buffered, known, subscriber, sent, answers, seen, lateWills, crashes, losses>>

-----------------------------------------------------------------------------
(* The will of a connection that was lost: its claim counts up the epoch, and gives way to a client that is there. *)

Will(connection) == [kind |-> "will", connection |-> connection]

FiresWill(p) ==
  /\ life[p] = "alive" /\ subscriber.at = Nowhere /\ Settled
  /\ LET old == Written
         session == [old EXCEPT !.epoch = NewestEpoch + 1, !.will = FALSE]
     IN /\ old.will
        /\ IF Flaw = "will without claim"
           THEN /\ appended' = [appended EXCEPT ![p] = Append(@, Will(old.connection))]
                /\ Will(old.connection) \notin Range(appended[p])
                /\ UNCHANGED held
           ELSE /\ Claimable(p)
                /\ ~\E record \in Range(appended[p]) : record.kind = "opened"
                /\ appended' = [appended EXCEPT ![p] = @ \o <<Opened(session), Will(old.connection)>>]
                /\ held' = [other \in Processes |-> IF other = p THEN session ELSE Nobody]
  /\ UNCHANGED <<lane, life, publisher, buffered, known, subscriber, sent, answers, seen, lateWills, crashes, losses>>

-----------------------------------------------------------------------------
(* Commits and faults. *)

Commits(p) ==
  /\ life[p] = "alive" /\ appended[p] # <<>>
  /\ LET records == appended[p]
         kinds(kind) == SelectSeq(records, LAMBDA one : one.kind = kind)
         published == {one.message : one \in Range(kinds("publish"))}
         isWelcome == subscriber.at = p /\ ~subscriber.welcome /\ \E one \in Range(kinds("opened")) : one.session.connection = subscriber.connection
         \* Only what stands in the records of this connection's session leaves.
         own == SelectSeq(records, LAMBDA one : one.kind \in {"assigned", "received"} /\ one.epoch = held[p].epoch)
         ready == [i \in DOMAIN own |-> IF own[i].kind = "assigned" THEN Publish(own[i].entry) ELSE [kind |-> "release", id |-> own[i].id]]
         early == IF Flaw = "sent before it is assigned" THEN SelectSeq(ready, LAMBDA one : one.kind = "release") ELSE ready
     IN /\ lane' = [lane EXCEPT ![p] = @ \o records]
        /\ publisher' = IF publisher.at = p /\ published # {}
                        THEN [publisher EXCEPT !.acknowledged = CHOOSE m \in published \cup {@} : \A n \in published \cup {publisher.acknowledged} : n <= m]
                        ELSE publisher
        /\ subscriber' = IF isWelcome THEN [subscriber EXCEPT !.welcome = TRUE] ELSE subscriber
        /\ sent' = IF isWelcome THEN Again(held[p].flight) ELSE IF IsConnected(p) THEN sent \o early ELSE sent
        /\ lateWills' = lateWills \cup {one.connection : one \in
             {w \in Range(kinds("will")) : subscriber.welcome /\ subscriber.connection > w.connection}}
  /\ appended' = [appended EXCEPT ![p] = <<>>]
  /\ UNCHANGED <<life, held, buffered, known, answers, seen, crashes, losses>>

Cut == [subscriber EXCEPT !.at = Nowhere, !.welcome = FALSE]

Dies(p) ==
  /\ life[p] = "alive" /\ crashes < CrashesMax
  /\ crashes' = crashes + 1
  /\ life' = [life EXCEPT ![p] = "orphan"]
  /\ IF Flaw = "adopted while it runs" THEN UNCHANGED <<appended, held, buffered, known>>
     ELSE /\ appended' = [appended EXCEPT ![p] = <<>>]
          /\ held' = [held EXCEPT ![p] = Nobody]
          /\ buffered' = [buffered EXCEPT ![p] = <<>>]
          /\ known' = [known EXCEPT ![p] = {}]
  /\ publisher' = IF publisher.at = p THEN [publisher EXCEPT !.at = Nowhere] ELSE publisher
  /\ IF subscriber.at = p THEN subscriber' = Cut /\ sent' = <<>> /\ answers' = <<>>
     ELSE UNCHANGED <<subscriber, sent, answers>>
  /\ UNCHANGED <<lane, seen, lateWills, losses>>

Adopts(p) ==
  /\ life[p] = "orphan"
  /\ \E other \in Processes \ {p} : life[other] = "alive"
  /\ life' = [life EXCEPT ![p] = "adopted"]
  /\ UNCHANGED <<lane, appended, held, publisher, buffered, known, subscriber, sent, answers, seen, lateWills, crashes, losses>>

\* It thaws where nobody has killed it; else its replacement starts on the lane.
Starts(p) ==
  /\ life[p] \in {"orphan", "adopted"}
  /\ life' = [life EXCEPT ![p] = "alive"]
  /\ UNCHANGED <<lane, appended, held, publisher, buffered, known, subscriber, sent, answers, seen, lateWills, crashes, losses>>

PublisherLosesConnection ==
  /\ publisher.at # Nowhere /\ losses < LossesMax
  /\ losses' = losses + 1
  /\ publisher' = [publisher EXCEPT !.at = Nowhere]
  /\ UNCHANGED <<lane, appended, life, held, buffered, known, subscriber, sent, answers, seen, lateWills, crashes>>

SubscriberLosesConnection(forGood) ==
  /\ subscriber.at # Nowhere /\ losses < LossesMax
  \* The will of a connection counts from its CONNACK on.
  /\ forGood => subscriber.welcome
  /\ losses' = losses + 1
  /\ subscriber' = [Cut EXCEPT !.gone = forGood]
  /\ sent' = <<>> /\ answers' = <<>>
  /\ UNCHANGED <<lane, appended, life, held, publisher, buffered, known, seen, lateWills, crashes>>

-----------------------------------------------------------------------------
WillCount(connection) ==
  Cardinality(UNION {{<<p, i>> : i \in {j \in DOMAIN lane[p] : lane[p][j] = Will(connection)}} : p \in Processes})

SeenMessages == {one[1] : one \in Range(seen)}

\* All that was published is acknowledged and delivered, or the subscriber has gone and its will is told.
Finished ==
  /\ publisher.acknowledged = MessagesMax
  /\ \A p \in Processes : appended[p] = <<>> /\ life[p] = "alive"
  /\ IF subscriber.gone THEN WillCount(subscriber.connection) = 1 ELSE Messages \subseteq SeenMessages

Rests == Finished /\ UNCHANGED vars

Init ==
  /\ lane = [p \in Processes |-> <<>>] /\ appended = [p \in Processes |-> <<>>]
  /\ life = [p \in Processes |-> "alive"]
  /\ held = [p \in Processes |-> Nobody]
  /\ publisher = [at |-> Nowhere, acknowledged |-> 0]
  /\ buffered = [p \in Processes |-> <<>>] /\ known = [p \in Processes |-> {}]
  /\ subscriber = [at |-> Nowhere, welcome |-> FALSE, gone |-> FALSE, connection |-> 0, ids |-> {}]
  /\ sent = <<>> /\ answers = <<>> /\ seen = <<>> /\ lateWills = {}
  /\ crashes = 0 /\ losses = 0

Next ==
  \/ \E p \in Processes :
       \/ PublisherConnects(p) \/ SubscriberConnects(p) \/ Reads(p) \/ ReadsAnswer(p) \/ WritesPending(p)
       \/ FiresWill(p) \/ Commits(p) \/ Dies(p) \/ Adopts(p) \/ Starts(p)
       \/ \E q \in Processes : Delivers(p, q)
  \/ SubscriberReads
  \/ PublisherLosesConnection \/ \E forGood \in BOOLEAN : SubscriberLosesConnection(forGood)
  \/ Rests

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
\* PUBREC only for what is durable.
AcknowledgedIsDurable ==
  \A m \in 1 .. publisher.acknowledged : \E p \in Processes : \E r \in Range(lane[p]) : r.kind = "publish" /\ r.message = m

\* What comes first of each message comes in the order in which they were published.
InOrder == \A i, j \in DOMAIN seen : i < j /\ seen[j][1] < seen[i][1] => \E k \in 1 .. i : seen[k][1] = seen[j][1]

\* QoS 2 end to end; at QoS 1 a message stands in the log once, and may be delivered again.
Once ==
  /\ Qos = 2 => \A i, j \in DOMAIN seen : seen[i][1] = seen[j][1] => i = j
  /\ \A i, j \in DOMAIN seen : seen[i][1] = seen[j][1] => seen[i][2] = seen[j][2]

\* A session has one owner.
OneOwner == \A p, q \in Processes : held[p].epoch = held[q].epoch /\ held[p].epoch # 0 => p = q

IdsAreUnique == \A p \in Processes : held[p].epoch # 0 =>
  \A i, j \in DOMAIN held[p].flight : held[p].flight[i].id = held[p].flight[j].id => i = j

WillOnce == lateWills = {} /\ \A connection \in 1 .. subscriber.connection : WillCount(connection) <= 1
=============================================================================
