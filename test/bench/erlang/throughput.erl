%% One-way messages from one process to another, at most 4,000 in flight: the receiver acknowledges each 1,000.
%%
%% Arguments: kind of message, placement (see pingpong.erl), count. Kinds:
%%   fields  {data, Key, N}
%%   record  {data, Map, N}: 16 fields of 64 bytes, each a heap binary, so that all of it is copied at each send
%%   bytes   {data, Binary, N}: 1,024 bytes, a reference-counted binary that Erlang shares and does not copy
%% The payload is made at run time: a literal would never be copied.
-module(throughput).
-export([main/1]).

-define(BATCH, 1000).
-define(WINDOW, 4000).

main([Kind, Placement, CountArgument]) ->
    Count = list_to_integer(CountArgument),
    {SendOptions, ReceiveOptions} = placement(Placement),
    Main = self(),
    spawn_opt(
        fun() ->
            Payload = payload(Kind),
            Receiver = spawn_opt(fun() -> collect() end, ReceiveOptions),
            _ = transfer(Receiver, max(1, Count div 10), Payload),
            StartedAt = erlang:monotonic_time(),
            Sum = transfer(Receiver, Count, Payload),
            Main ! {done, sample:elapsed_ns(StartedAt), Sum}
        end,
        SendOptions
    ),
    receive
        {done, ElapsedNs, Sum} -> sample:print(Count, ElapsedNs, Sum)
    end.

placement("default") -> {[], []};
placement("apart") -> {[{scheduler, 1}], [{scheduler, 2}]}.

payload("fields") -> 7;
payload("record") -> maps:from_list([{list_to_atom([$a + I]), binary:copy(<<"x">>, 64)} || I <- lists:seq(0, 15)]);
payload("bytes") -> binary:copy(<<"x">>, 1024).

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
