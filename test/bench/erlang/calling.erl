%% gen_server:call round trips, one at a time: the server adds each number to its state and answers the sum.
-module(calling).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

main([CountArgument]) ->
    Count = list_to_integer(CountArgument),
    {ok, Warm} = gen_server:start(?MODULE, 0, []),
    _ = call(Warm, max(1, Count div 10), 0),
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    StartedAt = erlang:monotonic_time(),
    Sum = call(Server, Count, 0),
    sample:print(Count, sample:elapsed_ns(StartedAt), Sum).

call(_, 0, Sum) -> Sum;
call(Server, N, _) -> call(Server, N - 1, gen_server:call(Server, {add, N})).

init(Start) -> {ok, Start}.
handle_call({add, By}, _From, N) -> {reply, N + By, N + By}.
handle_cast(reset, _) -> {noreply, 0}.
