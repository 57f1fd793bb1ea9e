%% A token around 1,000 processes: {token, HopsLeft, Sum}, each process adding the hops left to the sum.
-module(ring).
-export([main/1]).

-define(SIZE, 1000).

main([CountArgument]) ->
    Count = list_to_integer(CountArgument),
    Main = self(),
    First = spawn(fun() -> receive {next, Next} -> node_loop(Next, Main) end end),
    Last = lists:foldl(fun(_, Next) -> spawn(fun() -> node_loop(Next, Main) end) end, First, lists:seq(2, ?SIZE)),
    First ! {next, Last},
    _ = travel(First, max(1, Count div 10)),
    StartedAt = erlang:monotonic_time(),
    Sum = travel(First, Count),
    sample:print(Count, sample:elapsed_ns(StartedAt), Sum).

travel(First, Hops) ->
    First ! {token, Hops, 0},
    receive
        {arrived, Sum} -> Sum
    end.

node_loop(Next, Main) ->
    receive
        {token, 1, Sum} -> Main ! {arrived, Sum + 1};
        {token, Left, Sum} -> Next ! {token, Left - 1, Sum + Left}
    end,
    node_loop(Next, Main).
