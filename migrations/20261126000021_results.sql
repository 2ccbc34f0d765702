-- What is no ordinary result, by game and date: each page of the results that wait, were cancelled or came to none looks once
-- at each game, however few there are of them and however deep it is. They are few, so a bulk load pays next to nothing for
-- it. Writers wait while it is made, readers don't.
CREATE INDEX results_exceptional ON results (status, game_id, result_date) WHERE status <> 'completed';
