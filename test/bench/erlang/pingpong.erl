%% Two processes, one message in flight: {ping, From, N} is answered by {pong, From, N}.
%%
%% Where the two run is the first argument:
%%   default  where the emulator puts them. With one message in flight it keeps both on one scheduler, also under
%%            +S 2:2, because never more than one of them can run.
%%   apart    bound to schedulers 1 and 2 (the `scheduler` option of spawn_opt, undocumented): two threads that must
%%            talk for each message, as two VMs must.
-module(pingpong).
-export([main/1]).

main([Placement, CountArgument]) ->
    Count = list_to_integer(CountArgument),
    {PingOptions, PongOptions} = placement(Placement),
    Main = self(),
    Ponger = spawn_opt(fun pong/0, PongOptions),
    spawn_opt(
        fun() ->
            ping(Ponger, max(1, Count div 10), 0),
            StartedAt = erlang:monotonic_time(),
            Sum = ping(Ponger, Count, 0),
            Main ! {done, sample:elapsed_ns(StartedAt), Sum}
        end,
        PingOptions
    ),
    receive
        {done, ElapsedNs, Sum} -> sample:print(Count, ElapsedNs, Sum)
    end.

placement("default") -> {[], []};
placement("apart") -> {[{scheduler, 1}], [{scheduler, 2}]}.

ping(_, 0, Sum) -> Sum;
ping(Ponger, N, Sum) ->
    Ponger ! {ping, self(), N},
    receive
        {pong, Ponger, Same} -> ping(Ponger, N - 1, Sum + Same)
    end.

pong() ->
    receive
        {ping, From, N} ->
            From ! {pong, self(), N},
            pong()
    end.
