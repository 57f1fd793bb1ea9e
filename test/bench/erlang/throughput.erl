%% One-way messages from one process to another, as `stream` sends them.
%%
%% Arguments: kind of message, placement (see pingpong.erl), count. Kinds:
%%   fields  {data, Key, N}
%%   record  {data, Map, N}: 16 fields of 64 bytes, each a heap binary, so that all of it is copied at each send
%%   bytes   {data, Binary, N}: 1,024 bytes, a reference-counted binary that Erlang shares and does not copy
%% The payload is made at run time: a literal would never be copied.
-module(throughput).
-export([main/1]).

main([Kind, Placement, CountArgument]) ->
    Count = list_to_integer(CountArgument),
    {SendOptions, ReceiveOptions} = placement(Placement),
    Main = self(),
    spawn_opt(
        fun() ->
            Payload = payload(Kind),
            Receiver = spawn_opt(fun stream:collect/0, ReceiveOptions),
            _ = stream:transfer(Receiver, max(1, Count div 10), Payload),
            StartedAt = erlang:monotonic_time(),
            Sum = stream:transfer(Receiver, Count, Payload),
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
