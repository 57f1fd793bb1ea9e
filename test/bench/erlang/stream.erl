%% One-way messages from one process to another, at most 4,000 in flight: the receiver acknowledges each 1,000.
-module(stream).
-export([transfer/3, collect/0]).

-define(BATCH, 1000).
-define(WINDOW, 4000).

transfer(Receiver, Count, Payload) ->
    Receiver ! {expect, Count, self()},
    send(Receiver, 1, Count, 0, Payload),
    receive
        {total, Sum} -> drain_acks(), Sum
    end.

send(_, N, Count, _, _) when N > Count -> ok;
send(Receiver, N, Count, Acked, Payload) when N - Acked > ?WINDOW ->
    receive
        {ack, Upto} -> send(Receiver, N, Count, Upto, Payload)
    end;
send(Receiver, N, Count, Acked, Payload) ->
    Receiver ! {data, Payload, N},
    send(Receiver, N + 1, Count, Acked, Payload).

drain_acks() ->
    receive
        {ack, _} -> drain_acks()
    after 0 -> ok
    end.

collect() ->
    receive
        {expect, Count, Sender} ->
            Sender ! {total, collect(1, Count, Sender, 0)},
            collect()
    end.

%% Refuses what is out of order: the message must carry the next number.
collect(N, Count, _, Sum) when N > Count -> Sum;
collect(N, Count, Sender, Sum) ->
    receive
        {data, Payload, N} ->
            if
                N rem ?BATCH =:= 0 -> Sender ! {ack, N};
                true -> ok
            end,
            collect(N + 1, Count, Sender, Sum + N + touch(Payload))
    end.

%% What the receiver reads of a payload, and adds to the checksum.
touch(#{p := Field}) -> byte_size(Field);
touch(Binary) when is_binary(Binary) -> byte_size(Binary);
touch(Key) -> Key.
