%% Idle processes: how many a second until all have run their init, and the memory of each while it waits.
%%
%% Init adds the process's own number to a shared counter, the cheapest proof there is; nobody is sent a message.
-module(spawning).
-export([main/1]).

main([CountArgument]) ->
    Count = list_to_integer(CountArgument),
    Warm = max(1, Count div 10),
    {WarmPids, _} = start(Warm),
    stop(WarmPids),
    erlang:garbage_collect(),
    MemoryBefore = others_memory(),
    StartedAt = erlang:monotonic_time(),
    {Pids, Sum} = start(Count),
    ElapsedNs = sample:elapsed_ns(StartedAt),
    Bytes = (others_memory() - MemoryBefore) / Count,
    Count = length(Pids),
    true = lists:all(fun is_process_alive/1, Pids),
    sample:print(Count, ElapsedNs, Sum, [{bytesEach, Bytes}]).

%% Without the measurer's own heap, which holds the list of pids.
others_memory() ->
    {memory, Own} = process_info(self(), memory),
    erlang:memory(processes) - Own.

start(Count) ->
    Counter = counters:new(1, [atomics]),
    Pids = [spawn(fun() -> init(Counter, N) end) || N <- lists:seq(1, Count)],
    {Pids, await(Counter, Count * (Count + 1) div 2)}.

init(Counter, N) ->
    counters:add(Counter, 1, N),
    idle(N).

idle(State) ->
    receive
        {add, By} -> idle(State + By)
    end.

await(Counter, Expected) ->
    case counters:get(Counter, 1) of
        Expected -> Expected;
        _ -> erlang:yield(), await(Counter, Expected)
    end.

stop(Pids) ->
    Monitors = [monitor(process, Pid) || Pid <- Pids],
    [exit(Pid, kill) || Pid <- Pids],
    [receive {'DOWN', Monitor, _, _, _} -> ok end || Monitor <- Monitors],
    ok.
