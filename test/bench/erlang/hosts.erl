%% Two nodes on the loopback, joined by Erlang's own distribution, without TLS and without epmd: the port is given.
%%
%% Arguments: `pingpong` or `small` (100 bytes one way, at most 4,000 in flight), the port of the second node, count. This node must run with
%%   -name bench_a@127.0.0.1 -setcookie bench -start_epmd false -erl_epmd_port PORT -dist_listen false
%% The second one ends when it loses the first, or is not found by it.
-module(hosts).
-export([main/1, serve/0, pong/0]).

-define(OTHER, 'bench_b@127.0.0.1').

main([Work, Port, CountArgument]) ->
    Count = list_to_integer(CountArgument),
    start_other(Port),
    ok = connect(100),
    {ElapsedNs, Sum} = run(Work, Count),
    sample:print(Count, ElapsedNs, Sum).

start_other(Port) ->
    Args = [
        "-noshell", "-noinput", "-pa", filename:dirname(code:which(?MODULE)),
        "-name", atom_to_list(?OTHER), "-setcookie", "bench", "-start_epmd", "false",
        "-erl_epmd_port", Port, "-kernel", "inet_dist_use_interface", "{127,0,0,1}",
        "-run", atom_to_list(?MODULE), "serve"
    ],
    open_port({spawn_executable, os:find_executable("erl")}, [{args, Args}, exit_status]).

connect(0) -> not_found;
connect(Tries) ->
    case net_kernel:connect_node(?OTHER) of
        true -> ok;
        _ -> timer:sleep(50), connect(Tries - 1)
    end.

serve() ->
    ok = net_kernel:monitor_nodes(true, [{node_type, all}]),
    receive {nodeup, _, _} -> ok after 20000 -> halt(1) end,
    receive {nodedown, _, _} -> halt(0) end.

run("pingpong", Count) ->
    Ponger = spawn(?OTHER, ?MODULE, pong, []),
    _ = ping(Ponger, max(1, Count div 10), 0),
    StartedAt = erlang:monotonic_time(),
    Sum = ping(Ponger, Count, 0),
    {sample:elapsed_ns(StartedAt), Sum};
run("small", Count) ->
    Payload = binary:copy(<<"x">>, 100),
    Receiver = spawn(?OTHER, stream, collect, []),
    _ = stream:transfer(Receiver, max(1, Count div 10), Payload),
    StartedAt = erlang:monotonic_time(),
    Sum = stream:transfer(Receiver, Count, Payload),
    {sample:elapsed_ns(StartedAt), Sum}.

ping(_, 0, Sum) -> Sum;
ping(Ponger, N, Sum) ->
    Ponger ! {ping, self(), N},
    receive
        {pong, Ponger, N} -> ping(Ponger, N - 1, Sum + N)
    end.

pong() ->
    receive
        {ping, From, N} -> From ! {pong, self(), N}
    end,
    pong().
