%% Two processes, one message in flight: {ping, From, N} is answered by {pong, From, N}.
%%
%% Where the two run is the first argument:
%%   default  where the emulator puts them. With one message in flight it keeps both on one scheduler, also under
%%            +S 2:2, because never more than one of them can run.
%%   apart    bound to schedulers 1 and 2 (the `scheduler` option of spawn_opt, undocumented): two threads that must
%%            talk for each message, as two VMs must.
%%   polling  apart, and neither side ever sleeps: each polls its mailbox (`after 0`). Nobody writes Erlang so; it is
%%            the twin of two VMs that spin.
-module(pingpong).
-export([main/1]).

main([Placement, CountArgument]) ->
    Count = list_to_integer(CountArgument),
    {PingOptions, PongOptions} = placement(Placement),
    Wait = patience(Placement),
    Main = self(),
    Ponger = spawn_opt(fun() -> pong(Wait) end, PongOptions),
    spawn_opt(
        fun() ->
            ping(Ponger, max(1, Count div 10), 0, Wait),
            StartedAt = erlang:monotonic_time(),
            Sum = ping(Ponger, Count, 0, Wait),
            Main ! {done, sample:elapsed_ns(StartedAt), Sum}
        end,
        PingOptions
    ),
    receive
        {done, ElapsedNs, Sum} -> sample:print(Count, ElapsedNs, Sum)
    end.

placement("default") -> {[], []};
placement(_) -> {[{scheduler, 1}], [{scheduler, 2}]}.

%% How long to sleep for a message before looking again.
patience("polling") -> 0;
patience(_) -> infinity.

ping(_, 0, Sum, _) -> Sum;
ping(Ponger, N, Sum, Wait) ->
    Ponger ! {ping, self(), N},
    ping(Ponger, N - 1, Sum + await_pong(Ponger, Wait), Wait).

await_pong(Ponger, Wait) ->
    receive
        {pong, Ponger, N} -> N
    after Wait -> await_pong(Ponger, Wait)
    end.

pong(Wait) ->
    receive
        {ping, From, N} -> From ! {pong, self(), N}
    after Wait -> ok
    end,
    pong(Wait).
