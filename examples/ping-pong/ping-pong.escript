#!/usr/bin/env escript
%% The same game in Erlang: `escript ping-pong.escript together|apart <ms>` prints the round trips and how long they took, in
%% microseconds. `together`: both processes on one scheduler. `apart`: bound to a scheduler each, as two VMs are; left alone,
%% Erlang would put both on one, since never more than one of them can run.
-mode(compile).

main([Where, Ms]) ->
    {PingOptions, PongOptions} = schedulers(Where),
    DurationUs = list_to_integer(Ms) * 1000,
    Main = self(),
    Ponger = spawn_opt(fun pong/0, PongOptions),
    spawn_opt(
        fun() ->
            play(Ponger, DurationUs * 3 div 10),
            Main ! play(Ponger, DurationUs)
        end,
        PingOptions
    ),
    receive
        {Rounds, ElapsedUs} -> io:format("~b ~b~n", [Rounds, ElapsedUs])
    end.

schedulers("together") -> {[{scheduler, 1}], [{scheduler, 1}]};
schedulers("apart") -> {[{scheduler, 1}], [{scheduler, 2}]}.

play(Ponger, DurationUs) ->
    ping(Ponger, 1, now_us(), DurationUs).

ping(Ponger, N, StartedUs, DurationUs) ->
    Ponger ! {ping, self(), N},
    receive
        {pong, N} when N rem 256 =:= 0 ->
            case now_us() - StartedUs of
                ElapsedUs when ElapsedUs >= DurationUs -> {N, ElapsedUs};
                _ -> ping(Ponger, N + 1, StartedUs, DurationUs)
            end;
        {pong, N} ->
            ping(Ponger, N + 1, StartedUs, DurationUs)
    end.

pong() ->
    receive
        {ping, From, N} ->
            From ! {pong, N},
            pong()
    end.

now_us() -> erlang:monotonic_time(microsecond).
